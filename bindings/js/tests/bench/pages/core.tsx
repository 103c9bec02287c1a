// The client without a page around it.

import { Cariosan } from '@cariosan/client';
import { played } from './played.ts';

const HELD = 10_000;
/** So many events come before each publish: 600 a second at 60 frames. */
const PER_FRAME = 10;

async function holding(count: number) {
  const all = played();
  let due: (() => void)[] = [];
  const environment = {
    setTimer: (run: () => void, ms: number) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    frame: (run: () => void) => void due.push(run),
    now: () => Date.now(), random: () => Math.random(),
  };
  let frames = 0;
  const publish = (): void => {
    const now = due;
    due = [];
    if (now.length > 0) frames += 1;
    for (const run of now) run();
  };
  const pump = setInterval(publish, 1);
  const client = new Cariosan({ ...all.options, environment, limits: { heldMessages: count } });
  const order = client.channel('order_1');
  order.retain();
  await client.connect();
  while (order.timeline.get().status !== 'ready') await new Promise((resolve) => { setTimeout(resolve, 1); });
  clearInterval(pump);
  publish();
  return { all, client, order, publish, get frames() { return frames; } };
}

function summary(times: Float64Array) {
  const sorted = times.slice().sort();
  return { mean: times.reduce((sum, one) => sum + one, 0) / times.length, p99: sorted[Math.floor(sorted.length * 0.99)] };
}

Object.assign(globalThis, {
  async live(events: number) {
    const world = await holding(HELD);
    for (let at = 0; at < HELD; at += 1) {
      world.all.deliver(world.all.frame());
      if (at % 100 === 0) world.publish();
    }
    world.publish();
    const snapshots = new Set<unknown>();
    let told = 0;
    world.order.timeline.subscribe(() => {
      told += 1;
      snapshots.add(world.order.timeline.get());
    });
    const before = world.frames;
    const times = new Float64Array(events);
    for (let at = 0; at < events; at += 1) {
      const text = world.all.frame();
      const began = performance.now();
      world.all.deliver(text);
      if (at % PER_FRAME === PER_FRAME - 1) world.publish();
      times[at] = performance.now() - began;
    }
    world.publish();
    const { messages } = world.order.timeline.get();
    return { ...summary(times), told, snapshots: snapshots.size, publishes: world.frames - before, held: messages.length, last: messages[messages.length - 1]?.content };
  },
  parsing(events: number) {
    const all = played();
    const times = new Float64Array(events);
    let kept: unknown;
    for (let at = 0; at < events; at += 1) {
      const text = all.frame();
      const began = performance.now();
      kept = JSON.parse(text);
      times[at] = performance.now() - began;
    }
    return { ...summary(times), kept: typeof kept };
  },
  async hold(count: number) {
    const world = await holding(count);
    Object.assign(globalThis, { world });
    return () => {};
  },
  fill(count: number) {
    const { world } = globalThis as unknown as { world: Awaited<ReturnType<typeof holding>> };
    for (let at = 0; at < count; at += 1) {
      world.all.deliver(world.all.frame());
      if (at % 100 === 0) world.publish();
    }
    world.publish();
    return world.order.timeline.get().messages.length;
  },
  parsed(count: number) {
    const all = played();
    Object.assign(globalThis, { kept: Array.from({ length: count }, () => JSON.parse(all.frame()) as unknown) });
  },
  isReady: true,
});
