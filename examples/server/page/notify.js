/// The button that turns notifications of this browser on and off, for the one person that the window shows: a browser has one
/// subscription, and the server sends what one user gets to it.

import { icon } from './dom.js';

const WORKER = '/sw.js';

function isSupported() {
    return 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;
}

/// The server's public key as `PushManager` takes it.
function bytesOf(base64url) {
    const letters = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

export class Notify {
    #button;
    #key;
    #devices;
    #host;
    #ready = false;
    #on = false;
    #busy = false;
    #stopped = false;

    /// `key` is what browsers subscribe with; without it, or in a browser that cannot, the button stays hidden. `devices` are the
    /// person's: `list()`, `add(token)` and `remove(token)`. `host`: `onProblem(key)` with the key of a text.
    constructor(button, key, devices, host) {
        this.#button = button;
        this.#key = key;
        this.#devices = devices;
        this.#host = host;
        this.#button.onclick = () => this.#toggle();
        if (key && isSupported()) this.#start();
    }

    stop() {
        this.#stopped = true;
        this.#button.hidden = true;
        this.#button.onclick = null;
    }

    #render() {
        this.#button.replaceChildren(icon(this.#on ? 'bell' : 'bell-off'));
        this.#button.setAttribute('aria-pressed', String(this.#on));
        this.#button.hidden = !this.#ready;
    }

    /// The worker is only installed once somebody wants notifications.
    async #start() {
        try {
            const subscription = await (await navigator.serviceWorker.getRegistration())?.pushManager.getSubscription();
            const token = subscription && JSON.stringify(subscription);
            this.#on = Boolean(token) && (await this.#devices.list()).some((device) => device.token === token);
        } catch {
            // It is found out when the button is pressed.
        }
        this.#ready = true;
        if (!this.#stopped) this.#render();
    }

    async #toggle() {
        if (this.#busy) return;
        this.#busy = true;
        try {
            if (this.#on) await this.#switchOff();
            else await this.#switchOn();
        } catch {
            this.#host.onProblem('notifyFailed');
        }
        this.#busy = false;
        if (!this.#stopped) this.#render();
    }

    async #switchOn() {
        if ((await Notification.requestPermission()) !== 'granted') return this.#host.onProblem('notifyRefused');
        await navigator.serviceWorker.register(WORKER);
        const { pushManager } = await navigator.serviceWorker.ready;
        // A subscription with another key, of a server before this one, is of no use.
        await (await pushManager.getSubscription())?.unsubscribe();
        const options = { userVisibleOnly: true, applicationServerKey: bytesOf(this.#key) };
        await this.#devices.add(JSON.stringify(await pushManager.subscribe(options)));
        this.#on = true;
    }

    async #switchOff() {
        const { pushManager } = await navigator.serviceWorker.ready;
        const subscription = await pushManager.getSubscription();
        if (subscription) {
            await this.#devices.remove(JSON.stringify(subscription));
            await subscription.unsubscribe();
        }
        this.#on = false;
    }
}
