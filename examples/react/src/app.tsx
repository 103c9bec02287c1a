// A small shop: a customer and a seller. /?as=alice&lang=id&theme=dark

import { useEffect, useState } from 'react';
import { people, type Person } from './backend.ts';
import { Signed } from './chat.tsx';
import { texts, type Language } from './texts.ts';

function useAddress() {
  const [address, setAddress] = useState(() => new URLSearchParams(window.location.search));
  useEffect(() => {
    const moved = (): void => setAddress(new URLSearchParams(window.location.search));
    window.addEventListener('popstate', moved);
    return () => window.removeEventListener('popstate', moved);
  }, []);
  return address;
}

export function App() {
  const address = useAddress();
  const language: Language = address.get('lang') === 'id' ? 'id' : 'en';
  const theme = address.get('theme');
  const user = address.get('as');
  useEffect(() => {
    document.documentElement.lang = language;
    if (theme === 'dark' || theme === 'light') document.documentElement.dataset['carTheme'] = theme;
  }, [language, theme]);
  return user === null ? <Welcome language={language} /> : <Signed user={user} language={language} />;
}

function Welcome({ language }: { readonly language: Language }) {
  const [all, setAll] = useState<readonly Person[]>([]);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    people().then(setAll, (fault: unknown) => setProblem(fault instanceof Error ? fault.message : String(fault)));
  }, []);
  const words = texts[language];
  return (
    <main className="welcome">
      <h1>{words.who}</h1>
      <p>{problem || words.hint}</p>
      <ul>{all.map(({ id, name }) => <li key={id}><a href={`?as=${encodeURIComponent(id)}&lang=${language}`} target="_blank" rel="noreferrer">{words.open(name)}</a></li>)}</ul>
      <p><a href={`?lang=${language === 'en' ? 'id' : 'en'}`}>{words.language}</a></p>
    </main>
  );
}
