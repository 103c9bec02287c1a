// The pages of the benchmarks: built from the packages' sources, served with the server's own routes behind the same origin, opened in Chromium.

import { createServer, request as httpRequest } from 'node:http';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { js } from '../../needs.mjs';

const src = (name, file = 'index.ts') => join(js, 'packages', name, 'src', file);
const pages = ['core', 'list', 'cache', 'resume'];

async function builtPages() {
  const { outputFiles } = await build({
    entryPoints: pages.map((name) => join(import.meta.dirname, 'pages', `${name}.tsx`)), outdir: '/', bundle: true, splitting: true, format: 'esm',
    target: 'es2020', minify: true, write: false, jsx: 'automatic', define: { 'process.env.NODE_ENV': '"production"' }, logLevel: 'error',
    alias: {
      '@cariosan/client/testing': src('client', 'testing.ts'), '@cariosan/client/indexeddb': src('client', 'store/indexeddb.ts'), '@cariosan/client': src('client'),
      '@cariosan/react/locales/en': src('react', 'locales/en.ts'), '@cariosan/react/styles.css': src('react', 'styles/cariosan.css'), '@cariosan/react': src('react'),
    },
  });
  return new Map(outputFiles.map(({ path, text }) => [path, text]));
}

/** A module in TypeScript, in Node.js. */
export async function typescript(path) {
  const { outputFiles } = await build({ entryPoints: [path], bundle: true, platform: 'node', format: 'esm', write: false });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

const html = (name) => `<!doctype html><meta charset="utf-8"><title>${name}</title><link rel="stylesheet" href="/list.css">
<style>html, body, #root { height: 100%; margin: 0 } #bare { height: 100%; overflow-y: auto }</style>
<div id="root"></div><script type="module" src="/${name}.js"></script>`;

/** Counts what React commits, as its developer tools are told. */
function countCommits() {
  globalThis.commits = 0;
  globalThis.__REACT_DEVTOOLS_GLOBAL_HOOK__ = {
    supportsFiber: true, isDisabled: false, checkDCE() {}, inject: () => 1, onCommitFiberUnmount() {}, onPostCommitFiberRoot() {},
    onCommitFiberRoot() { globalThis.commits += 1; },
  };
}

/** `server`: the url of a chat server, or null. */
export async function openSite(server) {
  const files = await builtPages();
  const answer = (request, response) => {
    const { pathname } = new URL(request.url, 'http://x');
    if (pathname.startsWith('/v1/') && server !== null) {
      const onward = httpRequest(new URL(request.url, server), { method: request.method, headers: request.headers },
        (from) => void from.pipe(response.writeHead(from.statusCode, from.headers)));
      onward.on('error', () => response.destroy());
      return void request.pipe(onward);
    }
    const page = /^\/(\w+)\.html$/.exec(pathname)?.[1];
    const body = page === undefined ? files.get(pathname) : html(page);
    if (body === undefined) return void response.writeHead(404).end();
    const type = page !== undefined ? 'text/html' : pathname.endsWith('.css') ? 'text/css' : 'text/javascript';
    // Isolated from other origins, a page has a clock that counts microseconds.
    return void response.writeHead(200, { 'content-type': type, 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }).end(body);
  };
  const web = createServer(answer);
  web.on('upgrade', (request, socket, head) => {
    const { port } = new URL(server);
    const onward = connect(Number(port), '127.0.0.1', () => {
      onward.write(`GET ${request.url} HTTP/1.1\r\n${Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    for (const one of [socket, onward]) one.on('error', () => {}).on('close', () => { socket.destroy(); onward.destroy(); });
  });
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  const origin = `http://127.0.0.1:${web.address().port}`;
  const browser = await chromium.launch({ executablePath: process.env.CARIOSAN_BROWSER, args: ['--no-sandbox', '--js-flags=--expose-gc'] });

  return {
    origin,
    version: browser.version(),
    /** A page in a world of its own, and what Chromium's developer tools say about it. */
    async open(name, { slower = 1, context, query = '' } = {}) {
      const place = context ?? await browser.newContext({ viewport: { width: 420, height: 720 } });
      const page = await place.newPage();
      page.on('pageerror', (fault) => console.error(`${name}: ${fault.stack}`));
      await page.addInitScript(countCommits);
      const tools = await place.newCDPSession(page);
      // What the thread has run, not what passed meanwhile: others work on this machine too.
      await tools.send('Performance.enable', { timeDomain: 'threadTicks' });
      await tools.send('Emulation.setCPUThrottlingRate', { rate: slower });
      await page.goto(`${origin}/${name}.html${query}`);
      await page.waitForFunction(() => globalThis.isReady === true);
      return {
        page, context: place,
        async busy() {
          const { metrics } = await tools.send('Performance.getMetrics');
          return metrics.find((one) => one.name === 'TaskDuration').value * 1000;
        },
        async heap() {
          for (let at = 0; at < 3; at += 1) await tools.send('HeapProfiler.collectGarbage');
          return (await tools.send('Runtime.getHeapUsage')).usedSize / 1e6;
        },
        close: () => (context === undefined ? place.close() : page.close()),
      };
    },
    context: () => browser.newContext({ viewport: { width: 420, height: 720 } }),
    async close() {
      await browser.close();
      web.close();
      web.closeAllConnections();
    },
  };
}
