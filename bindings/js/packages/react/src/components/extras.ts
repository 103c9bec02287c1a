// All that is loaded later, together: it shares much, and somebody who needs one of these soon needs another.

export { Above } from './above.tsx';
export { keepBottom } from '../list/bottom.ts';
export { RowsInSight, stepped } from './channel_rows.tsx';
export { pressed } from './keys.ts';
export { MessageMenu, placeOf } from './message_menu.tsx';
export { Pins } from './pins.tsx';
export { Members, Reactions, Search } from './panels.tsx';
export { Spoken } from './speaker.tsx';
export { quoteFor } from './quotes.ts';
export { mentionDraft } from '../mentions.ts';
