/// A channel in a list.

import { element } from '../page/dom.js';
import { text } from '../page/texts.js';
import { channelFace, channelName, entry, link, tag } from './parts.js';

export function channelRow(channel) {
    return entry({
        picture: channelFace(channel),
        title: link(`channels/${channel.id}`, element('bdi', {}, channelName(channel))),
        tags: [
            ...(channel.frozen ? [tag(text('isFrozen'), 'warn')] : []),
            ...(channel.slow_mode_seconds > 0 ? [tag(text('isSlow'), 'warn')] : []),
        ],
        details: [
            text(`type_${channel.type}`),
            text('memberCount', { n: channel.member_count }),
            text('messageCount', { n: channel.last_seq }),
        ],
    });
}
