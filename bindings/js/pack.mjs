// Builds the packages and looks at them as those who install them will: node pack.mjs
// What the entries weigh is printed beside what they may weigh, in kB after minifying and gzip.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildPackages } from './build.mjs';
import { js, needs } from './needs.mjs';

needs('publint');
const { build } = await import('esbuild');
const { rolldown } = await import('rolldown');

/** `goal` is what the design allows, `limit` what may never be passed; `without`: packages that are weighed elsewhere, or not ours. */
const packages = [
  {
    name: 'client',
    budgets: [
      { entry: '@cariosan/client', goal: 16, limit: 16 },
      { entry: '@cariosan/client/indexeddb', goal: 1.2, limit: 1.2 },
      { entry: '@cariosan/client/webhook', goal: 1, limit: 1.2 },
    ],
    uses: [['Cariosan', '@cariosan/client'], ['indexedDbStorage', '@cariosan/client/indexeddb']],
    tried: "new Cariosan({ apiUrl: 'http://x.test', token: 'x', storage: indexedDbStorage() });",
    beside: [],
  },
  {
    name: 'react',
    without: ['react', 'react-dom', 'react/jsx-runtime', '@cariosan/client', '@tanstack/virtual-core'],
    budgets: [
      { entry: '@cariosan/react/headless', goal: 4, limit: 4.5 },
      { entry: '@cariosan/react', goal: 15, limit: 18.8 },
      { entry: '@cariosan/react/text', goal: 1, limit: 1.3 },
      { entry: '@cariosan/react/locales/en', goal: 2, limit: 2.2 },
      { entry: '@cariosan/react/locales/id', goal: 2, limit: 2.2 },
      { entry: '@cariosan/react/styles.css', goal: 5, limit: 5 },
    ],
    uses: [['ChatProvider', '@cariosan/react'], ['useMessages', '@cariosan/react/headless'], ['piecesOf', '@cariosan/react/text'], ['id', '@cariosan/react/locales/id']],
    tried: "if (typeof ChatProvider !== 'function' || typeof useMessages !== 'function' || piecesOf('a').length !== 1 || id.locale !== 'id') process.exit(1);",
    beside: ['react@19.2.9', 'react-dom@19.2.9', '@types/react@19.2.7'],
    typed: `import { ChannelList, Chat, ChatProvider, MessageListRoot, useMessages, type MessageListHandle } from '@cariosan/react';
import { useUnreadTotal } from '@cariosan/react/headless';
import { id } from '@cariosan/react/locales/id';
import { createRef } from 'react';
export const list = createRef<MessageListHandle>();
export const Title = () => <>{useUnreadTotal().toFixed()} {useMessages('order_1').messages.length} {id.locale}</>;
export const page = (
  <ChatProvider options={{ apiUrl: 'http://x.test', token: 'x' }} userKey="alice" strings={id}>
    <ChannelList onSelect={({ id: one }) => one.length} />
    <Chat channelId="order_1" list={{ slots: { Receipt: ({ mark }) => <b>{mark}</b> } }} />
    <MessageListRoot channelId="order_1">{({ mounted }) => mounted.length}</MessageListRoot>
  </ChatProvider>
);
`,
    otherTypes: ['react@18.3.1', 'react-dom@18.3.1', '@types/react@18.3.32'],
  },
];

let failed = false;
function run(what, program, args, cwd) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  console.log(`${what}: ${status === 0 ? 'nothing to say' : `failed\n${stdout}${stderr}`}`);
  if (status !== 0) failed = true;
  return status === 0;
}
const tool = (name, file) => join(js, 'node_modules', ...name.split('/'), file);

// The names of these packages are taken on the public registry by somebody else's: ours must come from here alone.
const lock = JSON.parse(readFileSync(join(js, 'package-lock.json'), 'utf8'));
const foreign = Object.entries(lock.packages).filter(([path, { link }]) => /node_modules\/@cariosan\//.test(path) && link !== true);
console.log(`lock file: ${foreign.length === 0 ? 'nothing to say' : `failed, not links: ${foreign.map(([path]) => path).join(', ')}`}`);
if (foreign.length > 0) failed = true;

const kilo = (code) => gzipSync(code, { level: 9 }).length / 1000;

async function weighStyles(folder, entry) {
  const input = join(folder, 'weigh.css');
  writeFileSync(input, `@import '${entry}';\n`);
  const { outputFiles } = await build({ entryPoints: [input], bundle: true, minify: true, write: false, logLevel: 'error' });
  return { weight: kilo(outputFiles[0].contents), later: [] };
}

/** As Vite puts it into an app that uses all of it: what is loaded at once, and what only when it is used. */
async function weigh(folder, entry, without) {
  if (entry.endsWith('.css')) return weighStyles(folder, entry);
  const input = join(folder, 'weigh.mjs');
  writeFileSync(input, `import * as all from '${entry}';\nglobalThis.all = all;\n`);
  const bundle = await rolldown({ input, cwd: folder, platform: 'browser', external: ['crypto', 'node:crypto', ...without], logLevel: 'silent' });
  const { output } = await bundle.generate({ format: 'es', minify: true });
  const chunks = new Map(output.map((chunk) => [chunk.fileName, chunk]));
  const atOnce = new Set(output.filter(({ isEntry }) => isEntry));
  for (const { imports } of atOnce) for (const name of imports) if (chunks.has(name)) atOnce.add(chunks.get(name));
  const sum = (some) => some.reduce((total, { code }) => total + kilo(code), 0);
  return {
    weight: sum([...atOnce]),
    // What several of them share has the name `chunk`.
    later: output.filter((chunk) => !atOnce.has(chunk)).map((chunk) => `${chunk.name.replace(/-\w{8}$/, '')} ${kilo(chunk.code).toFixed(1)}`).sort(),
  };
}

/** The types as an app's compiler reads them, those of the packages themselves too. */
function compile(what, app, source) {
  writeFileSync(join(app, 'try.tsx'), source);
  for (const [module, moduleResolution] of [['nodenext', 'nodenext'], ['esnext', 'bundler']]) {
    const compilerOptions = { module, moduleResolution, target: 'es2022', jsx: 'react-jsx', strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, types: [] };
    writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['try.tsx'] }));
    run(`${what}, ${moduleResolution}`, process.execPath, [tool('typescript', 'bin/tsc'), '-p', app], app);
  }
}

/** `folder`: where the tarballs lie, this one's and those of the packages before it. */
async function look({ name, budgets, uses, tried, beside, typed, otherTypes, without = [] }, folder, tarballs) {
  const here = join(js, 'packages', name);
  const styles = budgets.filter(({ entry }) => entry.endsWith('.css')).map(({ entry }) => `./${entry.split('/').pop()}`);
  run(`${name}: publint`, process.execPath, [tool('publint', 'src/cli.js'), here, '--strict'], js);
  run(`${name}: attw`, process.execPath, [tool('@arethetypeswrong/cli', 'dist/index.js'), '--pack', here, '--profile', 'node16',
    ...(styles.length > 0 ? ['--exclude-entrypoints', ...styles] : [])], js);
  run(`${name}: npm pack`, 'npm', ['pack', '--pack-destination', folder, '--silent'], here);
  const tarball = readdirSync(folder).find((file) => file.startsWith(`cariosan-${name}-`)) ?? '';
  tarballs.push(join(folder, tarball));
  const app = join(folder, name);
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{"private":true}');
  const install = (packages) => run(`${name}: install`, 'npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--silent', ...packages], app);
  install([...tarballs, ...beside]);
  for (const [how, line] of [['import', ([use, entry]) => `import { ${use} } from '${entry}';`], ['require', ([use, entry]) => `const { ${use} } = require('${entry}');`]]) {
    const file = join(app, how === 'import' ? 'try.mjs' : 'try.cjs');
    writeFileSync(file, `${uses.map(line).join('\n')}\n${tried}\n`);
    run(`${name}: ${how}`, process.execPath, [file], app);
  }
  if (typed !== undefined) compile(`${name}: types`, app, typed);
  for (const { entry, goal, limit } of budgets) {
    const { weight, later } = await weigh(app, entry, without);
    const more = later.length === 0 ? '' : `; where it is used also ${later.join(', ')}`;
    const verdict = weight > limit ? ', ABOVE THE LIMIT' : weight > goal ? ', above the goal' : '';
    console.log(`${entry}: ${weight.toFixed(2)} kB, goal ${goal}, limit ${limit}${verdict}${more}`);
    if (weight > limit) failed = true;
  }
  if (otherTypes === undefined) return;
  install(otherTypes);
  compile(`${name}: types of ${otherTypes[0]}`, app, typed);
}

const folder = mkdtempSync(join(tmpdir(), 'cariosan-pack-'));
try {
  buildPackages(packages.map(({ name }) => name));
  const tarballs = [];
  for (const one of packages) await look(one, folder, tarballs);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
