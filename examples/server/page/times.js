/// Times and days in the chosen language and the reader's time zone.

import { locale, text } from './texts.js';

export function clock(time) {
    return new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit' }).format(new Date(time));
}

export function dayName(time) {
    const day = new Date(time);
    const today = new Date();
    const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
    if (day.toDateString() === today.toDateString()) return text('today');
    if (day.toDateString() === yesterday.toDateString()) return text('yesterday');
    const options = { weekday: 'long', day: 'numeric', month: 'long' };
    if (day.getFullYear() !== today.getFullYear()) options.year = 'numeric';
    return new Intl.DateTimeFormat(locale(), options).format(day);
}

/// The time, with the day if it is not today.
export function moment(time) {
    const day = new Date(time);
    if (day.toDateString() === new Date().toDateString()) return clock(time);
    const options = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' };
    return new Intl.DateTimeFormat(locale(), options).format(day);
}

export function fullTime(time) {
    return new Date(time).toLocaleString(locale());
}
