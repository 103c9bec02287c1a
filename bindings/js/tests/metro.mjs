// Bundles the example in React Native for both kinds of phone with metro, compiles each bundle with the compiler of Hermes, and
// searches it for what a phone has not: node tests/metro.mjs [android or ios]

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildPackages } from '../build.mjs';
import { js, needs } from '../needs.mjs';

needs('metro');
const require = createRequire(join(js, 'packages', 'react-native', 'package.json'));
const metro = require('metro');
const { getDefaultConfig, mergeConfig } = require('@react-native/metro-config');
const example = join(js, '..', '..', 'examples', 'react-native');
// As it would after `npm install`.
if (!existsSync(join(example, 'node_modules'))) symlinkSync(join(js, 'node_modules'), join(example, 'node_modules'));
const packages = ['client', 'react', 'react-native'];

buildPackages(packages);

/** What a phone has not, as it is written where it would be used. React Native itself looks for some of them with `typeof`. */
const missing = [/\bdocument\./, /\bwindow\.(location|addEventListener|document)/, /\bindexedDB\b/, /\blocalStorage\b/, /\bnew TextEncoder\b/, /\bstructuredClone\(/, /\bcrypto\./, /\bIntl\.(PluralRules|Segmenter|ListFormat|RelativeTimeFormat)\b/, /require\(["'](node:|fs|path|crypto|stream)["']\)/];

const config = mergeConfig(await getDefaultConfig(example), {
  // In a copy of this tree the packages of others are links to where they are.
  projectRoot: example, watchFolders: [...new Set([example, js, dirname(realpathSync(join(js, 'node_modules', 'metro')))])], maxWorkers: 1, reporter: { update() {} },
  // Each module of the bundle is called by its file.
  serializer: { createModuleIdFactory: () => (path) => path },
  resolver: { nodeModulesPaths: [join(js, 'node_modules')], unstable_enableSymlinks: true, unstable_enablePackageExports: true, useWatchman: false },
});
const hermes = join(js, 'node_modules', 'hermes-compiler', 'hermesc', { linux: 'linux64-bin', darwin: 'osx-bin' }[process.platform] ?? 'win64-bin', 'hermesc');
const folder = mkdtempSync(join(tmpdir(), 'cariosan-metro-'));
let failed = false;

/** Our own packages' modules in a bundle, each with its file. */
function ownModules(code) {
  return code.split(/(?=^__d\()/m).flatMap((text) => {
    const file = /"([^"]+)",\s*\[[^[\]]*\]\);?\s*$/.exec(text.trimEnd())?.[1] ?? '';
    return /(packages\/(client|react|react-native)\/dist|examples\/react-native)/.test(file) ? { file, text } : [];
  });
}

/** As for a phone's release build, which does not minify what it compiles for Hermes. What was wrong with it. */
function compile(bundle) {
  if (!existsSync(hermes)) return [];
  const { status, stderr } = spawnSync(hermes, ['-emit-binary', '-O', '-w', '-out', `${bundle}.hbc`, bundle], { encoding: 'utf8' });
  return status === 0 ? [] : [`hermesc: ${stderr.slice(0, 2_000)}`];
}

// One server for both, which reads the folders once, and one process, whose compilers are warm for the second bundle.
const server = await metro.runMetro(config, { watch: false });
for (const platform of ['android', 'ios'].filter((one) => !['android', 'ios'].some((other) => other !== one && process.argv.includes(other)))) {
  const bundle = join(folder, `${platform}.js`);
  const { code } = await server.build({ ...server.constructor.DEFAULT_BUNDLE_OPTIONS, entryFile: 'index.js', platform, dev: false, minify: false });
  writeFileSync(bundle, code);
  const own = ownModules(code);
  const found = own.flatMap(({ file, text }) => missing.flatMap((what) => (what.test(text) ? [`${what} in ${file}`] : [])));
  if (own.length < packages.length) found.push(`only ${own.length} modules are ours`);
  found.push(...compile(bundle));
  console.log(`${platform}: ${(code.length / 1e6).toFixed(1)} MB in all, ${own.length} modules of ours, ${existsSync(hermes) ? 'compiled by hermesc' : 'no hermesc here'}`);
  if (found.length > 0) console.log(`FAILED ${found.join('\n')}`);
  failed ||= found.length > 0;
}
await server.end();
rmSync(folder, { recursive: true, force: true });
process.exit(failed ? 1 : 0);
