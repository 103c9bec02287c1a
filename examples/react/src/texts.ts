// The example's own words. The components bring theirs.

export type Language = 'en' | 'id';

export const texts = {
  en: {
    title: 'Chats', choose: 'Choose a conversation.', who: 'Who are you?', hint: 'Open both in two windows, and talk.', open: (name: string) => `Chat as ${name}`,
    block: (name: string) => `Block ${name}`, unblock: (name: string) => `Unblock ${name}`, theme: 'Dark', language: 'Bahasa Indonesia',
  },
  id: {
    title: 'Obrolan', choose: 'Pilih percakapan.', who: 'Anda siapa?', hint: 'Buka keduanya di dua jendela, lalu mengobrol.', open: (name: string) => `Mengobrol sebagai ${name}`,
    block: (name: string) => `Blokir ${name}`, unblock: (name: string) => `Buka blokir ${name}`, theme: 'Gelap', language: 'English',
  },
} as const;
