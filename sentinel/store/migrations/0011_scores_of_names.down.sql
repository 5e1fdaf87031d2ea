DROP TABLE name_scores;
