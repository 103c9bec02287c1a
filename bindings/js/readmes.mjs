// Tries what the READMEs of this folder show: node readmes.mjs
// The types of each block in TypeScript are checked, with what `<!-- given: … -->` above it says is there; `<!-- runs -->`: it is run, too.
// A block that nothing tries, or a command that is not there, is a fault.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { js, needs } from './needs.mjs';

needs('typescript');
const { default: ts } = await import('typescript');
const { build } = await import('esbuild');

const src = (name, file) => join(js, 'packages', name, 'src', file);
/** The packages under their names, from their sources. */
const paths = {
  '@cariosan/client': src('client', 'index.ts'), '@cariosan/client/testing': src('client', 'testing.ts'),
  '@cariosan/react/headless': src('react', 'headless.ts'), '@cariosan/react/text': src('react', 'text.ts'), '@cariosan/react/locales/*': src('react', 'locales/*.ts'),
  '@cariosan/react-native': src('react-native', 'index.ts'), '@cariosan/react-native/locales/*': src('react-native', 'locales/*.ts'),
};

/** What an app may bring along, and is not installed here. */
const others = `declare module '@react-native-community/netinfo' {
  const NetInfo: NonNullable<Parameters<typeof import('@cariosan/react-native').createNativeClient>[0]['NetInfo']>;
  export default NetInfo;
}`;

const faults = [];
const { scripts } = JSON.parse(readFileSync(join(js, 'package.json'), 'utf8'));

/** Those that `tests/newcomer` types, and the others by what they start. */
function commandIsTried(command, text) {
  if (text.includes('<!-- file: ')) return /^(cd bindings\/js && npm ci && npm run build && npm pack |npm install ~|npx vite$)/.test(command);
  const [, script] = /^npm run (\S+)/.exec(command) ?? [];
  if (script !== undefined) return script in scripts;
  const [, program] = /^(?:[A-Z_]+=\S+(?: [^>]+>)? )?node (\S+)/.exec(command) ?? [];
  return program !== undefined && existsSync(join(js, program));
}

/** Everything that a README shows, with where it is. */
function blocksOf(readme) {
  const text = readFileSync(readme, 'utf8');
  const line = (at) => `${relative(js, readme)}:${text.slice(0, at).split('\n').length}`;
  for (const { index, 1: command } of text.matchAll(/(?<=^|\n)\n {4}(\S.*(?:\n {4}\S.*)*)/g)) {
    for (const one of command.split(/\n {4}/)) if (!commandIsTried(one, text)) faults.push(`${line(index + 1)}: nothing tries ${one}`);
  }
  return [...text.matchAll(/((?:<!--(?:(?!-->)[\s\S])*-->\n)*)```(\w*)\n([\s\S]*?)```/g)].map(({ index, 1: notes, 2: language, 3: code }) => ({
    where: line(index + notes.length), folder: dirname(readme), language, code, runs: notes.includes('<!-- runs -->'),
    given: /<!-- given:([\s\S]*?)-->/.exec(notes)?.[1] ?? '',
    // Those are in the example, or written by `tests/newcomer`.
    elsewhere: /<!-- (?:snippet|file): /.test(notes),
  }));
}

/** The compiler, with these texts in place of files. */
function faultsOfTypes(folder, sources) {
  const config = ts.getParsedCommandLineOfConfigFile(join(folder, 'tsconfig.json'), {
    paths: Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, [path]])), target: ts.ScriptTarget.ES2022, noUnusedLocals: false,
  }, { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (fault) => { throw new Error(ts.flattenDiagnosticMessageText(fault.messageText, '\n')); } });
  const host = ts.createCompilerHost(config.options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => sources.has(path) || fileExists(path);
  host.readFile = (path) => sources.get(path)?.text ?? readFile(path);
  host.getSourceFile = (path, version, ...rest) =>
    (sources.has(path) ? ts.createSourceFile(path, sources.get(path).text, version, true) : getSourceFile(path, version, ...rest));
  const program = ts.createProgram([...sources.keys()], config.options, host);
  return [...sources].flatMap(([path, { where }]) => ts.getPreEmitDiagnostics(program, program.getSourceFile(path))
    .map(({ messageText }) => `${where}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`));
}

/** As Node.js runs it, to its end. */
async function faultOfRunning({ where, folder, code }) {
  const { outputFiles } = await build({
    stdin: { contents: code, loader: 'ts', resolveDir: folder }, bundle: true, write: false, format: 'esm', platform: 'node', logLevel: 'silent', alias: Object.fromEntries(Object.entries(paths).filter(([name]) => !name.endsWith('*'))),
  });
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-'], { input: outputFiles[0].text, encoding: 'utf8', timeout: 60_000 });
  return status === 0 ? [] : [`${where}: it ended with ${status}: ${stderr}`];
}

const readmes = ['packages', 'tests'].flatMap((folder) => readdirSync(join(js, folder), { recursive: true }).map((path) => join(js, folder, path)))
  .filter((path) => basename(path) === 'README.md' && !path.includes('node_modules')).concat(join(js, 'README.md'));
const blocks = readmes.flatMap(blocksOf).filter(({ elsewhere }) => !elsewhere);
const written = blocks.filter(({ language, where }) => {
  const isKnown = language === 'ts' || language === 'tsx';
  if (!isKnown) faults.push(`${where}: nothing tries it`);
  return isKnown;
});
for (const folder of new Set(written.map((one) => one.folder))) {
  const sources = new Map(written.filter((one) => one.folder === folder).map(({ where, language, given, code }, at) => [join(folder, `readme_${at}.${language}`), { where, text: `${given}\n${code}\nexport {};\n` }]));
  if (folder.endsWith('react-native')) sources.set(join(folder, 'readme_others.d.ts'), { where: 'others', text: others });
  faults.push(...faultsOfTypes(folder, sources));
}
const run = written.filter(({ runs }) => runs);
for (const one of run) faults.push(...await faultOfRunning(one));
for (const fault of faults) console.log(fault);
console.log(`${readmes.length} READMEs: the types of ${written.length} blocks were checked, ${run.length} of them run; ${faults.length} faults`);
process.exitCode = faults.length > 0 || run.length === 0 ? 1 : 0;
