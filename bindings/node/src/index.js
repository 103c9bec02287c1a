// The engine in a Node.js process; index.d.ts says what each thing does.
export { Chat, backend, describe, open, restore, user } from './chat.js';
export { ChatError } from './error.js';
