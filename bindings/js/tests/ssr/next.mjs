// A page of Next.js, built and served, with what the chat server says in its HTML: node tests/ssr/next.mjs
// By hand alone: Next.js takes 340 MB, so it is no package of this workspace but installed into a folder that goes away.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../../tests/integration/data.mjs';
import { js, needs, needsServer } from '../../needs.mjs';
import { typescript } from '../bench/site.mjs';
import { packed, run } from '../packed.mjs';

needs('esbuild');
needsServer();
const folder = mkdtempSync(join(tmpdir(), 'cariosan-next-'));
const app = join(folder, 'app');
const next = join(app, 'node_modules', 'next', 'dist', 'bin', 'next');

const files = {
  'package.json': '{"private":true}',
  'app/layout.jsx': "import '@cariosan/react/styles.css';\nexport default function Layout({ children }) { return <html lang=\"en\"><body>{children}</body></html>; }\n",
  'app/chat.jsx': `'use client';
import { ChannelList, Chat, ChatProvider } from '@cariosan/react';
import { en } from '@cariosan/react/locales/en';

export default function Page({ apiUrl, token, initialData }) {
  return (
    <ChatProvider options={{ apiUrl, token }} userKey="alice" strings={en} initialData={initialData}>
      <ChannelList onSelect={() => {}} />
      <Chat channelId="order_1" />
    </ChatProvider>
  );
}
`,
  // The provider stands in a server component too: 'use client' is on every entry.
  'app/page.jsx': `import { fetchInitialData } from '@cariosan/client';
import { UnreadBadge, ChatProvider } from '@cariosan/react';
import { en } from '@cariosan/react/locales/en';
import Page from './chat.jsx';

export const dynamic = 'force-dynamic';
export default async function Home() {
  const options = { apiUrl: process.env.CHAT_URL, token: process.env.CHAT_TOKEN };
  const initialData = await fetchInitialData({ ...options, channel: 'order_1' });
  return <><ChatProvider options={options} userKey="alice" strings={en} connect={false}><UnreadBadge count={3} /></ChatProvider><Page {...options} initialData={initialData} /></>;
}
`,
};

/** Without a network it cannot be. */
function isInstalled(tarballs) {
  try {
    run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--silent', 'next@16.4.6', 'react@19.2.9', 'react-dom@19.2.9', ...tarballs], app);
    return true;
  } catch (fault) {
    console.log(fault.message.slice(0, 400));
    return false;
  }
}

let served;
const { realServer } = await typescript(join(js, 'packages', 'client', 'tests', 'support', 'real_server.ts'));
const server = await realServer();
try {
  const tarballs = packed(folder);
  mkdirSync(join(app, 'app'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(app, name), text);
  if (!isInstalled(tarballs)) {
    console.log('skipped: needs Next.js, which cannot be installed here');
  } else {
    await server.backend('POST', '/v1/users', { external_id: 'alice', name: 'Alice' });
    await server.backend('POST', '/v1/channels', { type: 'group', external_id: 'order_1', name: 'Order 1', member_external_ids: ['alice'] });
    const token = await server.token('alice');
    await server.asUser(token, 'POST', '/v1/channels/order_1/messages', { content: 'Halo from the server' });
    const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', CHAT_URL: server.url, CHAT_TOKEN: token };
    run(process.execPath, [next, 'build', '--webpack'], app, env);
    const port = await freePort();
    served = spawn(process.execPath, [next, 'start', '--hostname', '127.0.0.1', '--port', String(port)],
      { cwd: app, env, stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve, reject) => {
      served.stdout.on('data', (text) => /Ready/.test(String(text)) && resolve());
      served.once('exit', (code) => reject(new Error(`next start ended with ${code}`)));
    });
    const html = await (await fetch(`http://127.0.0.1:${port}/`)).text();
    for (const wanted of ['data-car-part="channel"', '>Order 1<', '>Halo from the server<', 'data-car-part="unread-badge"']) {
      if (!html.includes(wanted)) throw new Error(`the page has no ${wanted}: ${html.slice(0, 3_000)}`);
    }
    console.log(`Next.js has built the page, and its HTML (${(html.length / 1000).toFixed(0)} kB) has the channel, its head and its messages`);
  }
} catch (fault) {
  console.error(fault);
  process.exitCode = 1;
} finally {
  served?.kill();
  await server.end();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
