DROP TABLE published_mood;
