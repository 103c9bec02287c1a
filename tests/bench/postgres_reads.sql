-- Fills the tables for postgres_reads. User u is in the channels 1 + (7 u + 20 k) % 1000, fifty of them.
SET synchronous_commit = off;
INSERT INTO workspaces (id, uuid, name, test, read_receipts_enabled, idempotency_secret, created_at)
    VALUES (1, '00000000-0000-7000-8000-000000000001', 'bench', 0, 1, decode(repeat('00', 32), 'hex'), 1);
INSERT INTO users (id, uuid, workspace_id, membership_count, external_id, name, created_at, updated_at, metadata)
    SELECT i, ('00000000-0000-7000-8001-' || lpad(to_hex(i), 12, '0'))::uuid, 1, 50, 'u' || i, 'User ' || i, 1, 1, '{}'
    FROM generate_series(1, 1000) i;
INSERT INTO channels (id, uuid, workspace_id, last_activity, rev, receipt_rev, last_seq, last_message_id, member_count, type,
                      settings_rev, created_at, name, metadata)
    SELECT i, ('00000000-0000-7000-8002-' || lpad(to_hex(i), 12, '0'))::uuid, 1, :messages - 1000 + i, 50 + :messages / 1000, 1,
           :messages / 1000, :messages - 1000 + i, 50, 1, 1, 1, 'Channel ' || i, '{}'
    FROM generate_series(1, 1000) i;
INSERT INTO members (user_id, channel_id, user_uuid, present, role, muted, rev, joined_rev, joined_at, last_read_seq, receipt_rev)
    SELECT u, 1 + (u * 7 + k * 20) % 1000, ('00000000-0000-7000-8001-' || lpad(to_hex(u), 12, '0'))::uuid, 1, 0, 0, k + 1, k + 1, 1,
           :messages / 1000 - (u + k) % 60, 1
    FROM generate_series(1, 1000) u, generate_series(0, 49) k;
-- One word in twenty is "the"; the others are the more frequent the lower their number.
INSERT INTO messages (id, uuid, channel_id, seq, rev, user_id, type, parent_id, mention_count, created_at, metadata, content,
                      emoji_count)
    SELECT i, ('00000000-0000-7000-8003-' || lpad(to_hex(i), 12, '0'))::uuid, 1 + (i - 1) % 1000, 1 + (i - 1) / 1000,
           50 + (i - 1) / 1000, 1 + (i * 13) % 1000, 0, CASE WHEN i % 10 = 0 AND i > 2000 THEN i - 1000 END,
           CASE WHEN i % 20 = 0 THEN 1 ELSE 0 END, i, '{}',
           (SELECT string_agg(CASE WHEN random() < 0.05 THEN 'the' ELSE 'w' || floor(pow(random(), 3) * 20000)::int END, ' ')
            FROM generate_series(1, 12) WHERE i > 0), CASE WHEN i % 5 = 0 THEN 1 ELSE 0 END
    FROM generate_series(1, :messages) i;
INSERT INTO mentions SELECT id, 0, 1 + (id * 17) % 1000, channel_id, seq, '0 2' FROM messages WHERE mention_count > 0;
INSERT INTO reactions SELECT id, 1 + (id * 3) % 1000, '+', 3 FROM messages WHERE emoji_count > 0;
INSERT INTO reaction_counts SELECT id, '+', 1, 1, '+' FROM messages WHERE emoji_count > 0;
UPDATE messages SET deleted_at = 5, content = '' WHERE id % 97 = 0;
SELECT setval('message_ids', :messages);
DROP INDEX message_words_by_word;
INSERT INTO message_words
    SELECT m.id, m.channel_id, array_to_tsvector(array_agg(DISTINCT x.token)) FROM messages m CROSS JOIN LATERAL (
        SELECT E'\x01l' || m.id / 65536 AS token
        UNION ALL SELECT unnest(ARRAY[w, E'\x02' || left(w, 1), E'\x02' || left(w, 2)]
                                || CASE WHEN length(w) >= 4 THEN ARRAY[E'\x02' || left(w, 4)] ELSE ARRAY[]::text[] END)
        FROM regexp_split_to_table(m.content, ' ') w) x
    WHERE m.content <> '' GROUP BY m.id;
CREATE INDEX message_words_by_word ON message_words USING gin (words) WITH (fastupdate = on, gin_pending_list_limit = 1024);
