// Writes the types of what the server answers, from its own description: node wire.mjs [--check]
// CARIOSAN_SERVER names the program. With --check nothing is written: it fails if the file is not what the server says now.

import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { js, needs, needsServer } from './needs.mjs';

needs('openapi-typescript');
const program = needsServer();
const { default: openapi, astToString } = await import('openapi-typescript');
const path = join(js, 'packages', 'client', 'src', 'wire', 'schema.gen.ts');
const HEAD = '// Written by `npm run wire` from /openapi.json. Do not change it by hand.\n\n';

/** What a server of this program says of itself. */
async function description() {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^CARIOS(AN)?_/.test(name)));
  const server = spawn(program, [], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...env, CARIOS_ENV: 'test', CARIOS_DATABASE_URL: 'sqlite::memory:', CARIOS_HTTP_PORT: '0', CARIOS_JWT_SECRET: 'a secret that nobody uses, of 32 bytes or more' },
  });
  try {
    let said = '';
    for await (const text of server.stdout.setEncoding('utf8')) {
      said += text;
      const port = /ready: http:\/\/[^/]*:(\d+)\//.exec(said)?.[1];
      if (port !== undefined) return await (await fetch(`http://127.0.0.1:${port}/openapi.json`)).json();
    }
    throw new Error(`the server ended: ${said}`);
  } finally {
    server.kill();
  }
}

const { openapi: version, info, components } = await description();
// Only the objects: the client names its routes itself. Any JSON at all is `unknown`: its type would name itself.
const text = HEAD + astToString(await openapi({ openapi: version, info, paths: {}, components: { schemas: { ...components.schemas, Json: {} } } }, { immutable: true }));
if (!process.argv.includes('--check')) writeFileSync(path, text);
else if (readFileSync(path, 'utf8') !== text) {
  console.log(`${path} is not what the server says. Build it and run: CARIOSAN_SERVER=<cariosan-server> npm run wire, in bindings/js`);
  process.exit(1);
}
