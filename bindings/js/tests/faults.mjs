// Faults that somebody might make, and the suites that must see them.

const model = ['tests/model'];
const unit = ['tests/unit'];

export const faults = [
  { name: 'a hole is not noticed', file: 'sync/admit.ts', suites: model, find: 'if (frame.since > channel.rev) {', plant: 'if (frame.since > Infinity) {' },
  { name: 'a frame that was applied is applied again', file: 'sync/admit.ts', suites: model, find: 'if (frame.rev <= channel.rev) return;', plant: '' },
  { name: 'frames are applied while changes are read', file: 'sync/admit.ts', suites: model, find: 'if (catchUp.keep(channel, frame)) return;', plant: '' },
  { name: 'an unknown event is passed over', file: 'sync/admit.ts', suites: model, find: 'catchUp.ask(channel);\n    } else {', plant: 'channel.rev = frame.rev;\n    } else {' },
  { name: 'a sync page is applied past a hole', file: 'sync/admit.ts', suites: model, find: 'body.since > channel.rev) return', plant: 'body.since > Infinity) return' },
  { name: 'being removed is not noticed', file: 'sync/admit.ts', suites: model, find: "return replica.drop(channel, ending.type === 'channel.deleted' ? 'deleted' : 'left');", plant: 'return;' },
  { name: 'reading ends before the newest revision named', file: 'sync/catch_up.ts', suites: model, find: 'reading.again ||= channel.rev < channel.seen;', plant: '' },
  { name: 'an answer that begins too late is applied', file: 'sync/catch_up.ts', suites: model, find: 'if (!body.reset && body.since > channel.rev) {', plant: 'if (false as boolean) {' },
  { name: 'an older copy wins', file: 'state/message.ts', suites: model, find: 'if (incoming.rev < held.rev) return held;', plant: '' },
  { name: 'a live event forgets who reacted', file: 'state/message.ts', suites: model, find: 'const reactions = withOwnMarks(incoming.reactions, held.reactions);', plant: 'const { reactions } = incoming;' },
  { name: 'a stale page is taken for the present', file: 'state/answers.ts', suites: model, find: 'channel.rev = Math.min(channel.rev, page.rev);', plant: '' },
  { name: 'a reset forgets nothing', file: 'state/answers.ts', suites: model, find: '  forgetAll(channel);\n  const seqs', plant: '  const seqs' },
  { name: 'a page that does not count is trusted', file: 'state/answers.ts', suites: model, find: 'channel.inDoubt = body.unread_count === undefined;', plant: '' },
  { name: 'the changes are not counted anew', file: 'state/answers.ts', suites: model, find: 'if (body.unread_count !== undefined) channel.counts', plant: 'if (body.unread_count === Infinity) channel.counts' },
  { name: 'quotes stay as they were', file: 'state/channel.ts', suites: model, find: 'for (const reply of channel.windows.repliesTo(parent)) store(channel, withQuote(reply, quote));', plant: '' },
  { name: 'who left is forgotten, so an older page brings them back', file: 'state/channel.ts', suites: model, find: 'if (held !== undefined && held.rev > member.rev) return;', plant: '' },
  { name: 'what was unsent still counts', file: 'state/counts.ts', suites: model, find: 'if (seen.delete(id) ||', plant: 'if (seen.has(id) ||' },
  { name: 'another epoch is not noticed', file: 'state/replica.ts', suites: model, find: 'if (another) clear();', plant: '' },
  { name: 'a message is announced again', file: 'state/channel.ts', suites: model, find: 'channel.arrivals.filter(({ seq }) => seq > before)', plant: 'channel.arrivals' },
  { name: 'a repeated send has a new key', file: 'session.ts', suites: unit, find: 'idempotency_key: item.key', plant: "idempotency_key: `${item.key} at ${environment.now()}`" },
  { name: 'sends of a channel overtake each other', file: 'talk/outbox.ts', suites: unit, find: '|| busy.has(lane)) continue;', plant: ') continue;' },
  { name: 'the ack leaves a gap', file: 'session.ts', suites: unit, find: 'applyAck(channel, message);\n        held.changed', plant: 'held.changed' },
  { name: 'the outbox has no bound', file: 'talk/outbox.ts', suites: unit, find: 'if (items.length >= host.limit) throw', plant: 'if (items.length < 0) throw' },
  { name: 'a limit of rate is not waited for', file: 'talk/outbox.ts', suites: unit, find: '(error.retryAfterMs ?? 0) + backoff', plant: 'backoff' },
  { name: 'a dead link is not noticed', file: 'net/connection.ts', suites: unit, find: "ended(own, 1006, 'no answer to a ping')", plant: 'undefined' },
  { name: 'a token is not renewed', file: 'net/connection.ts', suites: unit, find: '    watchToken(own);\n    setState', plant: '    setState' },
  { name: 'a timer runs for an hour', file: 'net/connection.ts', suites: unit, find: '}, Math.min(LONGEST_TIMER_MS, left));', plant: '}, left);' },
  { name: 'a refused connection comes back', file: 'net/verdict.ts', suites: unit, find: "4403: 'refused'", plant: "4403: 'resume'" },
];
