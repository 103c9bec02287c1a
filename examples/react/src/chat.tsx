// One signed-in person and their conversations.

import { useState } from 'react';
import { indexedDbStorage } from '@cariosan/client/indexeddb';
import type { ChannelSnapshot } from '@cariosan/client';
import { en } from '@cariosan/react/locales/en';
import { id } from '@cariosan/react/locales/id';
import { Chat, ChannelList, ChatProvider, ConnectionBanner, UnreadBadge, useBlocked, useMe, useMembers, useStrings, useUnreadTotal } from '@cariosan/react';
import { fetchToken } from './backend.ts';
import { texts, type Language } from './texts.ts';

// snippet: provider
const storage = indexedDbStorage();
const languages = { en, id };

export function Signed({ user, language }: { readonly user: string; readonly language: Language }) {
  const options = { apiUrl: window.location.origin, token: () => fetchToken(user), cacheKey: user, storage };
  return (
    <ChatProvider options={options} userKey={user} strings={languages[language]}>
      <Conversations language={language} />
    </ChatProvider>
  );
}
// end

// snippet: conversations
function Conversations({ language }: { readonly language: Language }) {
  const [open, setOpen] = useState<string | null>(null);
  return (
    <div className="conversations" data-open={open ?? undefined}>
      <aside>
        <Heading language={language} />
        {open === null && <ConnectionBanner />}
        <ChannelList selected={open ?? undefined} onSelect={(channel) => setOpen(channel.id)} />
      </aside>
      <main>
        {open === null ? <p className="hint">{texts[language].choose}</p> : (
          <Chat key={open} channelId={open} onBack={() => setOpen(null)} input={{ draftKey: 'shop' }} header={{ slots: { Actions } }} />
        )}
      </main>
    </div>
  );
}
// end

function Heading({ language }: { readonly language: Language }) {
  const unread = useUnreadTotal();
  return <h1>{texts[language].title} <UnreadBadge count={unread} /></h1>;
}

// snippet: block
/** A button of the app's own in the head of a conversation. */
function Actions({ channel }: { readonly channel: ChannelSnapshot }) {
  const me = useMe();
  const { members } = useMembers(channel.id);
  const { blocked, block, unblock } = useBlocked();
  const words = texts[useStrings().locale === 'id' ? 'id' : 'en'];
  const other = members.find(({ user }) => user.id !== me?.id)?.user;
  if (other === undefined || other.external_id === null) return null;
  const { id, external_id: name } = other;
  const isBlocked = blocked.has(id);
  return (
    <button type="button" className="block" onClick={() => void (isBlocked ? unblock(name) : block(name))}>
      <svg viewBox="0 0 24 24" width="18" height="18" fill="none" stroke="currentColor" strokeWidth="2" aria-hidden="true"><circle cx="12" cy="12" r="9" />{!isBlocked && <path d="M6 6l12 12" />}</svg>
      <span>{(isBlocked ? words.unblock : words.block)(other.name)}</span>
    </button>
  );
}
// end
