DROP TABLE schedule_starts;
