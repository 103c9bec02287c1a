// Times, days and sizes in the language of the provider.

const formats = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = `${locale} ${JSON.stringify(options)}`;
  const known = formats.get(name);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(locale, options);
  formats.set(name, made);
  return made;
}

export const timeOf = (at: number, locale: string): string => format(locale, { hour: 'numeric', minute: '2-digit' }).format(at);

const startOfDay = (at: number): number => new Date(at).setHours(0, 0, 0, 0);
const daysAgo = (at: number, now: number): number => Math.round((startOfDay(now) - startOfDay(at)) / 86_400_000);

export function dayOf(at: number, locale: string, words: { readonly today: string; readonly yesterday: string }, now = Date.now()): string {
  const days = daysAgo(at, now);
  if (days === 0) return words.today;
  if (days === 1) return words.yesterday;
  const year = new Date(at).getFullYear() === new Date(now).getFullYear() ? {} : ({ year: 'numeric' } as const);
  return format(locale, { weekday: 'long', day: 'numeric', month: 'long', ...year }).format(at);
}

/** The time today, else the day. */
export function shortOf(at: number, locale: string, words: { readonly yesterday: string }, now = Date.now()): string {
  const days = daysAgo(at, now);
  if (days <= 0) return timeOf(at, locale);
  if (days === 1) return words.yesterday;
  return format(locale, days < 7 ? { weekday: 'short' } : { day: 'numeric', month: 'short' }).format(at);
}

export function sizeOf(bytes: number, locale: string): string {
  const large = bytes >= 1_000_000;
  return new Intl.NumberFormat(locale, { style: 'unit', unit: large ? 'megabyte' : 'kilobyte', maximumFractionDigits: large ? 1 : 0 })
    .format(bytes / (large ? 1_000_000 : 1_000));
}
