// Private PostgreSQL and Redis servers on loopback, which a test stops, pauses and starts again (cmake/services.sh).

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './data.mjs';

const script = join(dirname(fileURLToPath(import.meta.url)), '../../cmake/services.sh');
const NOT_INSTALLED = 3;

function call(...args) {
  return new Promise((resolve) => {
    execFile(script, args, { encoding: 'utf8' }, (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }));
  });
}

/// One server of a kind, stopped and removed when the test ends.
class Service {
  /// Null if the programs are not installed.
  static async start(t) {
    const service = new this(await freePort());
    const { code, stdout, stderr } = await call(service.kind, 'start', service.folder, String(service.port));
    if (code === NOT_INSTALLED) return null;
    t.after(() => service.#remove());
    assert.equal(code, 0, stderr);
    service.url = stdout.trim();
    return service;
  }

  constructor(kind, port) {
    this.kind = kind;
    this.port = port;
    this.folder = mkdtempSync(join(tmpdir(), `cariosan-${kind}-`));
  }

  async stop(mode) {
    const { code, stderr } = await call(this.kind, 'stop', this.folder, ...(mode ? [mode] : []));
    assert.equal(code, 0, stderr);
  }

  /// Starts it again, on the same port with the same data (Redis keeps none).
  async start() {
    const { code, stderr } = await call(this.kind, 'start', this.folder, String(this.port));
    assert.equal(code, 0, stderr);
  }

  /// The URL as it is reached through a proxy on another port.
  through(port) {
    return this.url.replace(`127.0.0.1:${this.port}`, `127.0.0.1:${port}`);
  }

  async #remove() {
    await call(this.kind, 'remove', this.folder);
  }
}

export class PrivatePostgres extends Service {
  constructor(port) {
    super('postgres', port);
  }
}

export class PrivateRedis extends Service {
  constructor(port) {
    super('redis', port);
  }

  /// Runs a command and waits for its answer.
  async command(...words) {
    const { port, password } = new URL(this.url);
    const socket = connect({ port: Number(port), host: '127.0.0.1' });
    socket.end(`AUTH ${password}\r\n${words.join(' ')}\r\nQUIT\r\n`);
    let answer = '';
    for await (const piece of socket.setEncoding('utf8')) answer += piece;
    assert.doesNotMatch(answer, /^-/m);
  }

  signal(name) {
    process.kill(Number(readFileSync(join(this.folder, 'redis.pid'), 'utf8')), name);
  }
}
