/// Every text of the page, in one table. `{name}` is replaced by a value; a pair `[one, many]` is chosen by
/// `{n}`.

const TEXTS = {
    en: {
        subtitle: 'Live chat demo',
        language: 'Language',
        person: 'Show',
        channels: 'Conversations',
        messages: 'Messages',
        ownWindow: 'Open in its own window',
        bothPeople: 'Show both people',
        goOffline: 'Go offline',
        goOnline: 'Go online',
        state_connecting: 'Connecting…',
        state_syncing: 'Catching up…',
        state_live: 'Live',
        state_waiting: 'Offline',
        state_stopped: 'Offline',
        state_signed_out: 'Signed out',
        state_refused: 'Refused',
        banner_stopped: 'You took this person offline. What is written now is sent when they are back.',
        banner_waiting: 'The connection is lost. Trying again in {n} s.',
        banner_signed_out: 'The token is no longer valid.',
        banner_refused: 'The server refused this connection ({code}).',
        banner_queued: ['1 message is waiting.', '{n} messages are waiting.'],
        retryNow: 'Try now',
        newToken: 'Use another token',
        resumed: [
            'Back online. 1 missed message arrived, nothing was lost.',
            'Back online. {n} missed messages arrived, nothing was lost.',
        ],
        resumedNone: 'Back online. Nothing was missed.',
        loading: 'Loading…',
        loadFailed: 'The messages could not be loaded.',
        olderFailed: 'Older messages could not be loaded.',
        tryAgain: 'Try again',
        beginning: 'This is the beginning of the conversation.',
        noChannels: 'No conversations yet.',
        emptyTitle: 'No messages yet',
        emptyHint: 'Start with one of these, or write your own:',
        unreadLine: 'New messages',
        jump: 'To the newest message',
        jumpNew: ['1 new message', '{n} new messages'],
        unread: ['1 unread message', '{n} unread messages'],
        mentioned: 'you were mentioned',
        today: 'Today',
        yesterday: 'Yesterday',
        you: 'You',
        edited: 'edited',
        deleted: 'This message was deleted.',
        deletedUser: 'Deleted account',
        hiddenQuote: 'Message not available',
        attachment: 'Attachment',
        sending: 'Waiting to be sent',
        sent: 'Sent',
        notSent: 'Not sent: {reason}',
        discard: 'Discard',
        reply: 'Reply',
        replyTo: 'Reply to {name}: {text}',
        replyingTo: 'Replying to {name}',
        cancelReply: 'Cancel the reply',
        placeholder: 'Write a message…',
        send: 'Send',
        suggestions: 'People to mention',
        typingOne: '{a} is typing',
        typingTwo: '{a} and {b} are typing',
        typingMany: 'Several people are typing',
        members: ['1 member', '{n} members'],
        keysHint: 'Arrow keys move between messages, R replies.',
        error_RATE_LIMITED: 'too many messages at once',
        error_NOT_A_MEMBER: 'you are no longer in this conversation',
        error_PAYLOAD_TOO_LARGE: 'it is too long',
        error_MUTED: 'you are muted',
        error_MESSAGE_REJECTED: 'it was rejected by moderation',
        demoFailed: 'The server cannot be reached.',
        noSuchPerson: 'There is no demo user “{name}”, so everyone is shown.',
        tokenTitle: 'Connect with a token',
        tokenIntro:
            'This server has no demo users. Make a token for one of your own users and paste it here.',
        tokenHow: 'A token is made on the server’s command line:',
        tokenFirst: 'Token',
        tokenSecond: 'Token of a second person (optional)',
        tokenNote: 'Tokens stay in this page and are forgotten when it is closed.',
        tokenInvalid: 'This does not look like a token. It has three parts separated by dots.',
        tokenExpired: 'The token is no longer valid. Paste a new one.',
        connect: 'Connect',
    },
    id: {
        subtitle: 'Demo obrolan langsung',
        language: 'Bahasa',
        person: 'Tampilkan',
        channels: 'Percakapan',
        messages: 'Pesan',
        ownWindow: 'Buka di jendela sendiri',
        bothPeople: 'Tampilkan keduanya',
        goOffline: 'Putuskan',
        goOnline: 'Sambungkan',
        state_connecting: 'Menyambung…',
        state_syncing: 'Menyusul…',
        state_live: 'Tersambung',
        state_waiting: 'Terputus',
        state_stopped: 'Terputus',
        state_signed_out: 'Keluar',
        state_refused: 'Ditolak',
        banner_stopped: 'Anda memutuskan sambungan orang ini. Pesan dikirim setelah tersambung lagi.',
        banner_waiting: 'Sambungan terputus. Mencoba lagi dalam {n} dtk.',
        banner_signed_out: 'Token tidak berlaku lagi.',
        banner_refused: 'Server menolak sambungan ini ({code}).',
        banner_queued: ['1 pesan menunggu.', '{n} pesan menunggu.'],
        retryNow: 'Coba sekarang',
        newToken: 'Pakai token lain',
        resumed: [
            'Tersambung lagi. 1 pesan yang terlewat sudah masuk, tidak ada yang hilang.',
            'Tersambung lagi. {n} pesan yang terlewat sudah masuk, tidak ada yang hilang.',
        ],
        resumedNone: 'Tersambung lagi. Tidak ada yang terlewat.',
        loading: 'Memuat…',
        loadFailed: 'Pesan tidak dapat dimuat.',
        olderFailed: 'Pesan lama tidak dapat dimuat.',
        tryAgain: 'Coba lagi',
        beginning: 'Ini awal percakapan.',
        noChannels: 'Belum ada percakapan.',
        emptyTitle: 'Belum ada pesan',
        emptyHint: 'Mulai dengan salah satu ini, atau tulis sendiri:',
        unreadLine: 'Pesan baru',
        jump: 'Ke pesan terbaru',
        jumpNew: ['1 pesan baru', '{n} pesan baru'],
        unread: ['1 pesan belum dibaca', '{n} pesan belum dibaca'],
        mentioned: 'Anda disebut',
        today: 'Hari ini',
        yesterday: 'Kemarin',
        you: 'Anda',
        edited: 'diedit',
        deleted: 'Pesan ini telah dihapus.',
        deletedUser: 'Akun dihapus',
        hiddenQuote: 'Pesan tidak tersedia',
        attachment: 'Lampiran',
        sending: 'Menunggu dikirim',
        sent: 'Terkirim',
        notSent: 'Tidak terkirim: {reason}',
        discard: 'Buang',
        reply: 'Balas',
        replyTo: 'Balas {name}: {text}',
        replyingTo: 'Membalas {name}',
        cancelReply: 'Batalkan balasan',
        placeholder: 'Tulis pesan…',
        send: 'Kirim',
        suggestions: 'Orang untuk disebut',
        typingOne: '{a} sedang mengetik',
        typingTwo: '{a} dan {b} sedang mengetik',
        typingMany: 'Beberapa orang sedang mengetik',
        members: ['1 anggota', '{n} anggota'],
        keysHint: 'Tombol panah berpindah antarpesan, R membalas.',
        error_RATE_LIMITED: 'terlalu banyak pesan sekaligus',
        error_NOT_A_MEMBER: 'Anda tidak lagi di percakapan ini',
        error_PAYLOAD_TOO_LARGE: 'terlalu panjang',
        error_MUTED: 'Anda sedang dibisukan',
        error_MESSAGE_REJECTED: 'ditolak oleh moderasi',
        demoFailed: 'Server tidak dapat dihubungi.',
        noSuchPerson: 'Tidak ada pengguna demo “{name}”, jadi semua ditampilkan.',
        tokenTitle: 'Sambungkan dengan token',
        tokenIntro:
            'Server ini tidak punya pengguna demo. Buat token untuk pengguna Anda, lalu tempel di sini.',
        tokenHow: 'Token dibuat di baris perintah server:',
        tokenFirst: 'Token',
        tokenSecond: 'Token orang kedua (opsional)',
        tokenNote: 'Token hanya ada di halaman ini dan dilupakan saat halaman ditutup.',
        tokenInvalid: 'Ini bukan token. Token punya tiga bagian yang dipisah titik.',
        tokenExpired: 'Token tidak berlaku lagi. Tempel yang baru.',
        connect: 'Sambungkan',
    },
};

/// Lines to begin a conversation with: what a shop and a customer would write, in their language.
export const SAMPLES = [
    'Halo kak, pesanannya sudah dikirim? 🙏',
    'Sudah ya kak, resinya menyusul',
    'Makasih banyak! 😊',
];

const LOCALES = { en: 'en-GB', id: 'id-ID' };
const KEPT_AS = 'cariosan.language';

function keptLanguage() {
    try {
        return localStorage.getItem(KEPT_AS);
    } catch {
        return null;
    }
}

let current = Object.hasOwn(TEXTS, keptLanguage() ?? '') ? keptLanguage() : 'en';

export const language = () => current;
export const locale = () => LOCALES[current];

export function setLanguage(name) {
    current = Object.hasOwn(TEXTS, name) ? name : 'en';
    try {
        localStorage.setItem(KEPT_AS, current);
    } catch {
        // Storage is switched off: the choice lasts as long as the page.
    }
}

export function hasText(key) {
    return Object.hasOwn(TEXTS[current], key);
}

export function text(key, values = {}) {
    const entry = TEXTS[current][key];
    const chosen = Array.isArray(entry) ? entry[values.n === 1 ? 0 : 1] : entry;
    return chosen.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

/// Fills `data-text`, `data-label` (accessible name) and `data-placeholder` of everything within `root`.
export function applyTexts(root) {
    for (const node of root.querySelectorAll('[data-text]')) node.textContent = text(node.dataset.text);
    for (const node of root.querySelectorAll('[data-placeholder]'))
        node.placeholder = text(node.dataset.placeholder);
    for (const node of root.querySelectorAll('[data-label]')) {
        node.setAttribute('aria-label', text(node.dataset.label));
        if (node.matches('button, a')) node.title = text(node.dataset.label);
    }
}
