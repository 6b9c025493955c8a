DROP TABLE jobs;
DROP TABLE renditions;
DROP TABLE upload_segments;
DROP TABLE uploads;
DROP TABLE deposits;
