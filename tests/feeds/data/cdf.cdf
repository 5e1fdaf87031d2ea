<?xml version="1.0" encoding="UTF-8"?>
<CHANNEL HREF="http://cdf.example.com/index.html" LASTMOD="1999-05-14T09:30" BASE="http://cdf.example.com/">
<TITLE>Channel definition</TITLE><ABSTRACT>About</ABSTRACT>
<ITEM HREF="http://cdf.example.com/1.html" LASTMOD="1999-05-14T09:30"><TITLE>First in a channel</TITLE><ABSTRACT>Words</ABSTRACT></ITEM>
</CHANNEL>
