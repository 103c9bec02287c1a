// OpenStack Swift with its S3 interface, as packaged in Debian: an independent store that verifies Signature V4 itself. One
// replica of everything, in a folder of the test.

import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import aws4 from 'aws4';
import { freePort } from './data.mjs';

const KEYS = { accessKeyId: 'shop:uploads', secretAccessKey: 'the-secret/of+the=bucket' };
const REGION = 'us-east-1';
const BUCKET = 'chat-files';
const STORES = ['account', 'container', 'object'];
const PATIENCE = 60_000;

/// Creates the rings, which say where everything is stored, in one process.
const RINGS = `
import json, sys
from swift.common.ring import RingBuilder
folder, ports = sys.argv[1], json.loads(sys.argv[2])
for name, port in ports.items():
    builder = RingBuilder(2, 1, 1)
    builder.add_dev({'id': 0, 'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': port, 'device': 'disk', 'weight': 1})
    builder.rebalance()
    builder.get_ring().save(folder + '/' + name + '.ring.gz')
`;

// In memory, older kernels have no extended attributes.
const PLACES = [tmpdir(), '/tmp', '/var/tmp'];
const MARK = 'import os, sys; os.setxattr(sys.argv[1], "user.cariosan", b"1")';

/// Why Swift cannot run here; nothing if it can. It stores file metadata in extended attributes.
export function whyNoSwift() {
  const missing = STORES.concat('proxy').find((name) => spawnSync('which', [`swift-${name}-server`]).status !== 0);
  if (missing) return `swift-${missing}-server is not installed`;
  return place() ? null : `there are no extended attributes in ${PLACES.join(' or ')}`;
}

/// The first place that has them; nothing if there is none.
function place() {
  return PLACES.find((each) => {
    const folder = mkdtempSync(join(each, 'cariosan-swift-'));
    const marked = spawnSync('/usr/bin/python3', ['-c', MARK, folder]).status === 0;
    rmSync(folder, { recursive: true });
    return marked;
  });
}

function common(folder, port) {
  return `[DEFAULT]
swift_dir = ${folder}
devices = ${folder}
mount_check = false
disable_fallocate = true
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = ${userInfo().username}
`;
}

const storeConfiguration = (name) => `[pipeline:main]
pipeline = ${name}-server
[app:${name}-server]
use = egg:swift#${name}
`;

const PROXY = `[pipeline:main]
pipeline = cache s3api tempauth proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:tempauth]
use = egg:swift#tempauth
user_${KEYS.accessKeyId.replace(':', '_')} = ${KEYS.secretAccessKey} .admin
# It wants a cache, and works though nobody is there.
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:s3api]
use = egg:swift#s3api
location = ${REGION}
`;

export class Swift {
  #children = [];
  #log = '';

  static async start(t) {
    const swift = new Swift();
    t.after(() => swift.#stop());
    const ports = {};
    for (const name of STORES) ports[name] = await freePort();
    await promisify(execFile)('/usr/bin/python3', ['-c', RINGS, swift.folder, JSON.stringify(ports)]);
    for (const name of STORES) swift.#launch(name, ports[name], storeConfiguration(name));
    swift.port = await freePort();
    swift.#launch('proxy', swift.port, PROXY);
    await swift.#makeBucket();
    return swift;
  }

  constructor() {
    this.folder = mkdtempSync(join(place(), 'cariosan-swift-'));
    mkdirSync(join(this.folder, 'disk'));
  }

  /// Environment variables for the server under test.
  get variables() {
    return {
      CARIOS_S3_ENDPOINT: `http://127.0.0.1:${this.port}`,
      CARIOS_S3_REGION: REGION,
      CARIOS_S3_BUCKET: BUCKET,
      CARIOS_S3_ACCESS_KEY: KEYS.accessKeyId,
      CARIOS_S3_SECRET_KEY: KEYS.secretAccessKey,
    };
  }

  /// What the owner of the bucket reads, whoever else may.
  read(url) {
    return this.#call('GET', new URL(url).pathname);
  }

  #launch(name, port, configuration) {
    const file = join(this.folder, `${name}.conf`);
    writeFileSync(file, common(this.folder, port) + configuration);
    const child = spawn(`swift-${name}-server`, [file, '-v'], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (this.#log += text));
    this.#children.push(child);
  }

  #call(method, path) {
    const headers = { 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' };
    const host = `127.0.0.1:${this.port}`;
    const signed = aws4.sign({ host, path, method, service: 's3', region: REGION, headers }, KEYS);
    return fetch(`http://${host}${path}`, { method, headers: signed.headers });
  }

  /// Resolves once everything runs.
  async #makeBucket() {
    const until = Date.now() + PATIENCE;
    for (;;) {
      const answer = await this.#call('PUT', `/${BUCKET}`).catch(() => null);
      if (answer?.status === 200) return;
      assert.ok(Date.now() < until, `Swift makes no bucket: ${answer?.status}\n${this.#log.slice(-2000)}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async #stop() {
    await Promise.all(this.#children.map((child) => {
      const closed = child.exitCode === null ? once(child, 'close') : null;
      child.kill('SIGKILL');
      return closed;
    }));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
