// UUIDv7 (RFC 9562, section 5.7), increasing within one mint even when several are made in a millisecond: the time, then a counter.
// The randomness is injected. Keys need to be unique, not secret, so any good generator will do.

const hex = (value: number, digits: number): string => Math.floor(value).toString(16).padStart(digits, '0');

export function uuidMint(now: () => number, random: () => number): () => string {
  let time = 0;
  let counter = 0;
  return () => {
    const present = now();
    if (present > time) {
      time = present;
      counter = 0;
    } else if (++counter > 0xfff) {
      time += 1;
      counter = 0;
    }
    const stamp = hex(time, 12);
    const variant = hex(0x8000 + random() * 0x4000, 4);
    const tail = hex(random() * 0x1000000, 6) + hex(random() * 0x1000000, 6);
    return `${stamp.slice(0, 8)}-${stamp.slice(8)}-7${hex(counter, 3)}-${variant}-${tail}`;
  };
}
