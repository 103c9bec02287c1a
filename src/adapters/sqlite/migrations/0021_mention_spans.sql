-- Where the content names the user: "start length start length …", in code points; NULL if that is not known.
ALTER TABLE mentions ADD COLUMN spans TEXT;
