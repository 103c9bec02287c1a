// The rules of hooks, and what React's compiler asks of components, for @cariosan/react. Nothing may be switched off in a file.

import parser from '@typescript-eslint/parser';
import hooks from 'eslint-plugin-react-hooks';

export default [{
  files: ['packages/react/src/**/*.{ts,tsx}'],
  languageOptions: { parser, parserOptions: { ecmaFeatures: { jsx: true } } },
  linterOptions: { noInlineConfig: true },
  plugins: { 'react-hooks': hooks },
  rules: Object.fromEntries(Object.keys(hooks.configs['recommended-latest'].rules).map((rule) => [rule, 'error'])),
}];
