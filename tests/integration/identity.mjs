// A certificate for 127.0.0.1, made by the program `openssl`.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/// Files with a certificate for 127.0.0.1 and its key, made anew by `issue`.
export function identity(t) {
  const folder = mkdtempSync(join(tmpdir(), 'cariosan-tls-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const files = { certificate: join(folder, 'server.pem'), key: join(folder, 'server.key') };
  const issue = () =>
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', '-subj', '/CN=a test',
      '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', files.key, '-out', files.certificate], { stdio: 'ignore' });
  issue();
  return { ...files, issue, env: { CARIOS_TLS_CERT_FILE: files.certificate, CARIOS_TLS_KEY_FILE: files.key } };
}
