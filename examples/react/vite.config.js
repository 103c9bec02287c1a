import { defineConfig } from 'vite';

// The chat server stands behind the page's own origin, as behind a reverse proxy.
const server = process.env.CARIOSAN_URL ?? 'http://localhost:8080';
const proxy = { '/v1': { target: server, ws: true }, '/demo.json': { target: server } };

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic' } },
  server: { proxy },
  preview: { proxy },
  build: {
    sourcemap: true,
    // Packages for servers that render, too, say 'use client', which a bundle for browsers does not need.
    rolldownOptions: { onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning) },
  },
});
