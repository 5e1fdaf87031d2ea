DROP INDEX items_by_url;

ALTER TABLE items DROP COLUMN language;

DROP TABLE item_versions;
