/// A message as a moderator sees it.

import { element } from '../page/dom.js';
import { text } from '../page/texts.js';
import { button, entry, face, tag, time, userLink, userName } from './parts.js';

function content(message) {
    if (message.deleted_at) return element('p', { class: 'message-text message-gone' }, text('deleted'));
    return element('p', { class: 'message-text', dir: 'auto' }, message.content);
}

function attached(message) {
    if (!message.attachment_url) return null;
    const words = text('attachmentNamed', { name: message.attachment_url.split('/').at(-1) });
    return element('a', { href: message.attachment_url, target: '_blank', rel: 'noopener noreferrer' }, words);
}

/// `onDelete` and `onMute` are called by its buttons; without them there are none. `isReported`: it is marked.
export function messageRow(message, { onDelete, onMute, isReported = false } = {}) {
    const name = userName(message.user);
    const can = !message.deleted_at && onDelete;
    return entry({
        picture: face(message.user),
        title: userLink(message.user),
        tags: [
            time(message.created_at),
            ...(message.edited_at ? [tag(text('edited'))] : []),
            ...(isReported ? [tag(text('isReported'), 'warn')] : []),
        ],
        more: [content(message), attached(message)].filter(Boolean),
        actions: [
            ...(can ? [button('delete', onDelete, { look: 'danger', 'aria-label': text('deleteMessageOf', { name }) })] : []),
            ...(onMute && !message.user.deleted ? [button('muteShort', onMute, { 'aria-label': text('muteOf', { name }) })] : []),
        ],
    });
}
