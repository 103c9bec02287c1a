// The dashboard and the alerts name only metrics that a server has, in a form that Prometheus reads.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { replaced, snippet } from './readme.mjs';
import { TestServer } from './server.mjs';

const folder = new URL('../../examples/server/monitoring/', import.meta.url);
const pathOf = (name) => fileURLToPath(new URL(name, folder));
const textOf = (name) => readFileSync(pathOf(name), 'utf8');

function promtool(args, input) {
  const { error, status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  if (error) throw error;
  return { status, output: stdout + stderr };
}
const withoutPromtool = spawnSync('promtool', ['--version']).error ? 'promtool is not installed' : false;

/// The types of all metrics of a server that has just been started.
async function metricsOf(t) {
  const server = await TestServer.start(t);
  await server.open.get('/healthz');
  const { status, text } = await server.open.get('/metrics');
  assert.equal(status, 200);
  const types = new Map([...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => [name, type]));
  assert.ok(types.size > 40);
  return { text, types };
}

/// The metrics of our own that an expression or a variable names.
const namedIn = (text) => [...new Set(text.match(/\b(?:cariosan|process)_\w+/g))];

function checkNames(names, types) {
  assert.ok(names.length > 5);
  for (const name of names) {
    const [, histogram] = /^(.*)_(?:bucket|sum|count)$/.exec(name) ?? [];
    const isThere = types.has(name) ? types.get(name) !== 'histogram' : types.get(histogram) === 'histogram';
    assert.ok(isThere, `${name} is no metric of the server`);
  }
}

/// The expressions of the alerts. A name in a description is a name too.
const alerts = () => textOf('alerts.yml').replace(/^#.*$/gm, '').replaceAll('job="cariosan"', '');

test('a server has every metric that the dashboard and the alerts name', async (t) => {
  const { types } = await metricsOf(t);
  const dashboard = JSON.parse(textOf('dashboard.json'));
  const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  assert.ok(expressions.length > 20);
  checkNames(namedIn(expressions.join('\n')), types);
  checkNames(namedIn(alerts()), types);
  const variables = JSON.stringify(dashboard.templating);
  for (const name of namedIn(variables)) assert.ok(types.has(name), name);
});

test('promtool accepts the alerts', { skip: withoutPromtool }, () => {
  const { status, output } = promtool(['check', 'rules', pathOf('alerts.yml')]);
  assert.equal(status, 0, output);
});

test('promtool accepts the configuration that the README shows', { skip: withoutPromtool }, (t) => {
  const work = mkdtempSync(join(tmpdir(), 'cariosan-'));
  t.after(() => rmSync(work, { recursive: true }));
  writeFileSync(join(work, 'token'), 'secret');
  const shown = snippet(textOf('README.md'), 'yaml', 'scrape_configs');
  const rules = replaced(shown, '[alerts.yml]', JSON.stringify([pathOf('alerts.yml')]));
  writeFileSync(join(work, 'prometheus.yml'), replaced(rules, '/etc/prometheus/cariosan.token', join(work, 'token')));
  const { status, output } = promtool(['check', 'config', join(work, 'prometheus.yml')]);
  assert.equal(status, 0, output);
  assert.ok(textOf('alerts.yml').includes('job="cariosan"') && shown.includes('job_name: cariosan'));
});

test('promtool accepts the metrics', { skip: withoutPromtool }, async (t) => {
  const { text } = await metricsOf(t);
  const { status, output } = promtool(['check', 'metrics'], text);
  assert.equal(status, 0, output);
});

test('promtool can read every expression of the dashboard', { skip: withoutPromtool }, (t) => {
  const { panels } = JSON.parse(textOf('dashboard.json'));
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  // As rules, because there is no other way to have them checked without a server; Grafana fills in the interval.
  const rules = expressions.map((expr, i) => ({ record: `panel:${i}`, expr: expr.replaceAll('$__rate_interval', '5m') }));
  const file = join(mkdtempSync(join(tmpdir(), 'cariosan-')), 'rules.json');
  t.after(() => rmSync(dirname(file), { recursive: true }));
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'all', rules }] }));
  const { status, output } = promtool(['check', 'rules', file]);
  assert.equal(status, 0, output);
});
