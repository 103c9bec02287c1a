// Puts the parts of the example into the README of @cariosan/react: node snippets.mjs. A test says when that is due.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const js = import.meta.dirname;
export const readme = join(js, 'packages', 'react', 'README.md');

/** The README as it should be. */
export function withSnippets(text) {
  return text.replace(/(<!-- snippet: (\S+) (\w+) -->\n```tsx\n)[\s\S]*?```/g, (_, head, file, name) => {
    const source = readFileSync(join(js, '..', '..', 'examples', 'react', 'src', file), 'utf8');
    const found = new RegExp(`^// snippet: ${name}\\n([\\s\\S]*?)^// end$`, 'm').exec(source);
    if (found === null) throw new Error(`${file} has no snippet ${name}`);
    return `${head}${found[1]}\`\`\``;
  });
}

if (process.argv[1] === import.meta.filename) writeFileSync(readme, withSnippets(readFileSync(readme, 'utf8')));
