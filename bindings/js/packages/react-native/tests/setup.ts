// As on a phone: Hermes has no such thing, so nothing may ask for it.
delete (Intl as { PluralRules?: unknown }).PluralRules;
