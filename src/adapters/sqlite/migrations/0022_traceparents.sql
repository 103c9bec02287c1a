-- Of the request that caused the event: its W3C trace context, sent on with the delivery. NULL: none.
ALTER TABLE deliveries ADD COLUMN traceparent TEXT;
