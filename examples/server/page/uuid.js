/// UUIDv7 (RFC 9562, section 5.7), increasing within one page even if several are created in the same millisecond: the
/// time, then a counter in `rand_a`. `crypto.randomUUID` would create version 4, and only in secure contexts.

let lastTime = 0;
let counter = 0;

export function uuidv7(now = Date.now()) {
    if (now > lastTime) {
        lastTime = now;
        counter = 0;
    } else if (++counter > 0xfff) {
        lastTime += 1;
        counter = 0;
    }
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    for (let i = 0; i < 6; ++i) bytes[i] = Math.floor(lastTime / 2 ** (8 * (5 - i))) % 256;
    bytes[6] = 0x70 | (counter >> 8);
    bytes[7] = counter & 0xff;
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
