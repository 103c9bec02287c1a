// What is in the panels beside a conversation: search, members, reactions.

import { useState, type ReactNode } from 'react';
import type { PresentMember, SearchHit, UserRef } from '@cariosan/client';
import { asError } from '../errors.ts';
import { useMembers } from '../hooks/channel.ts';
import { useMe } from '../hooks/client.ts';
import { useSearch } from '../hooks/search.ts';
import { useCariosan, useChat, useStrings } from '../provider.tsx';
import { reasonOf } from '../strings.ts';
import type { MemberListProps, ReactionPickerProps, SearchPanelProps } from './conversation.tsx';
import { shortOf } from './format.ts';
import { Avatar, Icon, nameOf, PresenceBadge, usePart } from './parts.tsx';
import { reasonsOf } from './reporting.ts';

function Snippet({ hit }: { readonly hit: SearchHit }): ReactNode {
  const pieces: ReactNode[] = [];
  let at = 0;
  hit.highlights.forEach(([start, end], index) => {
    pieces.push(hit.snippet.slice(at, start), <mark key={index}>{hit.snippet.slice(start, end)}</mark>);
    at = end;
  });
  return <>{pieces}{hit.snippet.slice(at)}</>;
}

function HitRow({ hit }: { readonly hit: SearchHit }): ReactNode {
  const { strings, locale } = useChat();
  return (
    <>
      <span data-car-part="hit-name">{nameOf(hit.message.user, strings)}</span>
      <time dateTime={hit.message.created_at}>{shortOf(Date.parse(hit.message.created_at), locale, strings)}</time>
      <span data-car-part="hit-text" dir="auto"><Snippet hit={hit} /></span>
    </>
  );
}

export function Search({ channelId, onOpen, onClose, slots }: SearchPanelProps): ReactNode {
  const strings = useStrings();
  const { query, setQuery, results, loading, error, hasMore, loadMore } = useSearch({ channel: channelId });
  const One = slots?.Row ?? HitRow;
  const found = results === null ? strings.searchHint : results.length === 0 ? strings.searchNone : strings.searchFound(results.length, hasMore);
  return (
    <>
      <div data-car-part="search-row">
        <input type="search" value={query} autoFocus placeholder={strings.searchPlaceholder} aria-label={strings.search} onChange={(event) => setQuery(event.target.value)} />
        {onClose !== undefined && <button type="button" data-car-part="header-button" aria-label={strings.close} onClick={onClose}><Icon name="close" /></button>}
      </div>
      <p data-car-part="search-found" role="status">{error !== null ? strings.actionFailed(reasonOf(strings, error.code)) : loading ? strings.loading : found}</p>
      {results !== null && results.length > 0 && (
        <ul>{results.map((hit) => <li key={hit.message.id}><button type="button" data-car-part="hit" onClick={() => onOpen(hit)}><One hit={hit} /></button></li>)}</ul>
      )}
      {hasMore && <button type="button" data-car-part="load-more" onClick={loadMore}>{strings.more}</button>}
    </>
  );
}

/** Asks for a reason, and says how it ended. */
function Report({ user }: { readonly user: UserRef }): ReactNode {
  const strings = useStrings();
  const client = useCariosan();
  const [asks, setAsks] = useState(false);
  const [words, setWords] = useState('');
  const { external_id: ref } = user;
  if (ref === null) return null;
  const report = (reason: string) => (): void => {
    setAsks(false);
    client.reportUser(ref, reason).then(() => setWords(strings.reported), (fault: unknown) => setWords(strings.actionFailed(reasonOf(strings, asError(fault).code))));
  };
  return (
    <>
      <button type="button" data-car-part="member-report" aria-expanded={asks} aria-label={strings.reportUser(nameOf(user, strings))} onClick={() => setAsks(!asks)}>{strings.report}</button>
      {asks && (
        <div data-car-part="reasons" role="group" aria-label={strings.reportUser(nameOf(user, strings))}>
          {reasonsOf(strings).map(([reason, label]) => <button key={reason} type="button" onClick={report(reason)}>{label}</button>)}
        </div>
      )}
      <span data-car-part="reported" role="status">{words}</span>
    </>
  );
}

function MemberRow({ member }: { readonly member: PresentMember }): ReactNode {
  const strings = useStrings();
  const me = useMe();
  const { user, role } = member;
  return (
    <>
      <Avatar id={user.id} name={nameOf(user, strings)} url={user.avatar_url} />
      <span data-car-part="member-name">{nameOf(user, strings)}</span>
      {role === 'admin' && <span data-car-part="member-role">{strings.admin}</span>}
      <PresenceBadge userId={user.id} text />
      {me !== null && user.id !== me.id && <Report user={user} />}
    </>
  );
}

export function Members({ channelId, slots }: MemberListProps): ReactNode {
  const strings = useStrings();
  const { members, complete, loading, loadMore } = useMembers(channelId);
  const One = slots?.Row ?? MemberRow;
  return (
    <>
      <ul aria-label={strings.memberList}>{members.map((member) => <li key={member.user.id} data-car-part="member"><One member={member} /></li>)}</ul>
      {!complete && <button type="button" data-car-part="load-more" disabled={loading} onClick={loadMore}>{strings.more}</button>}
    </>
  );
}

export function Reactions({ onPick, emoji }: ReactionPickerProps): ReactNode {
  const part = usePart();
  const strings = useStrings();
  return emoji.map((one) => <button key={one} type="button" {...part('menu-emoji')} aria-label={strings.reactWith(one)} onClick={() => onPick(one)}>{one}</button>);
}
