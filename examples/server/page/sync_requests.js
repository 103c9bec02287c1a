const CHANNELS_PER_REQUEST = 500;

/// What a new connection asks: the changes of all held channels, in as many requests as they need; the last one is for those
/// that are not held too.
export function syncRequests(epoch, channels) {
    const held = [...channels.values()].map(({ id, rev, receiptRev }) => [id, [rev, receiptRev]]);
    const requests = [];
    do requests.push({ epoch, channels: Object.fromEntries(held.splice(0, CHANNELS_PER_REQUEST)) });
    while (held.length > 0);
    requests.at(-1).complete = true;
    return requests;
}
