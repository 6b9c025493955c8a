DROP TABLE cut_parts;
DROP TABLE cuts;
