// Bundles the example in React Native for both kinds of phone with metro, compiles each bundle with the compiler of Hermes, and
// searches it for what a phone has not: node tests/metro.mjs [android or ios]

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { js, needs } from '../needs.mjs';

needs('metro');
const require = createRequire(join(js, 'packages', 'react-native', 'package.json'));
const metro = require('metro');
const { getDefaultConfig, mergeConfig } = require('@react-native/metro-config');
const example = join(js, '..', '..', 'examples', 'react-native');
// As it would after `npm install`.
if (!existsSync(join(example, 'node_modules'))) symlinkSync(join(js, 'node_modules'), join(example, 'node_modules'));
const packages = ['client', 'react', 'react-native'];

if (!process.argv.includes('--built')) for (const name of packages) {
  const { status } = spawnSync(process.execPath, [join(js, 'node_modules', 'tsup', 'dist', 'cli-default.js'), '--silent'], { cwd: join(js, 'packages', name), stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}

/** What a phone has not, as it is written where it would be used. React Native itself looks for some of them with `typeof`. */
const missing = [/\bdocument\./, /\bwindow\.(location|addEventListener|document)/, /\bindexedDB\b/, /\blocalStorage\b/, /\bnew TextEncoder\b/, /\bstructuredClone\(/, /\bcrypto\./, /\bIntl\.(PluralRules|Segmenter|ListFormat|RelativeTimeFormat)\b/, /require\(["'](node:|fs|path|crypto|stream)["']\)/];

const config = mergeConfig(await getDefaultConfig(example), {
  // In a copy of this tree the packages of others are links to where they are.
  projectRoot: example, watchFolders: [...new Set([example, js, dirname(realpathSync(join(js, 'node_modules', 'metro')))])], maxWorkers: 2, reporter: { update() {} },
  resolver: { nodeModulesPaths: [join(js, 'node_modules')], unstable_enableSymlinks: true, unstable_enablePackageExports: true, useWatchman: false },
});
const hermes = join(js, 'node_modules', 'hermes-compiler', 'hermesc', { linux: 'linux64-bin', darwin: 'osx-bin' }[process.platform] ?? 'win64-bin', 'hermesc');
const folder = mkdtempSync(join(tmpdir(), 'cariosan-metro-'));
let failed = false;

/** The lines of our own packages: each module of a bundle names its file, if it is not minified. */
function ownModules(code) {
  return code.split(/(?=^__d\()/m).filter((one) => /"[^"]*(packages\/(client|react|react-native)\/dist|examples\/react-native)[^"]*"\s*\)?;?\s*$/.test(one.trimEnd()));
}

/** Minified and compiled; what was wrong with it. */
async function compile(platform, bundle) {
  await metro.runBuild(config, { entry: 'index.js', platform, dev: false, minify: true, out: bundle });
  const compiled = existsSync(hermes) ? spawnSync(hermes, ['-emit-binary', '-O', '-w', '-out', `${bundle}.hbc`, bundle], { encoding: 'utf8' }) : { status: 0 };
  const size = (readFileSync(bundle).length / 1000).toFixed(0);
  console.log(`${platform}: ${size} kB in all, ${existsSync(hermes) ? 'compiled by hermesc' : 'no hermesc here'}`);
  return compiled.status === 0 ? [] : [`hermesc: ${compiled.stderr.slice(0, 2_000)}`];
}

for (const platform of ['android', 'ios'].filter((one) => !['android', 'ios'].some((other) => other !== one && process.argv.includes(other)))) {
  const { code } = await metro.runBuild(config, { entry: 'index.js', platform, dev: true, minify: false });
  if (process.argv.includes('--verbose')) console.log(`${platform}: bundled`);
  const own = ownModules(code);
  const found = own.flatMap((one) => missing.flatMap((what) => (what.test(one) ? [`${what} in ${/"([^"]*)"\s*\)?;?\s*$/.exec(one.trimEnd())?.[1]}`] : [])));
  if (own.length < packages.length) found.push(`only ${own.length} modules are ours`);
  if (found.length === 0) found.push(...await compile(platform, join(folder, `${platform}.js`)));
  console.log(`${platform}: ${own.length} modules of ours${found.length === 0 ? '' : `\nFAILED ${found.join('\n')}`}`);
  failed ||= found.length > 0;
}
rmSync(folder, { recursive: true, force: true });
process.exit(failed ? 1 : 0);
