DROP TABLE labels;

DROP TABLE label_queue;

DROP TABLE robots;
