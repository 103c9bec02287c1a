/// The panel of the workspace's backend: the moderation switch, the webhooks and their deliveries.

import { element } from './dom.js';
import { deliveryRow, recordRow, webhookRow } from './backend_rows.js';
import { applyTexts, reasonOf, text } from './texts.js';

const REFRESH_MS = 2_000;

export class BackendPanel {
    #backend;
    #root;
    #opener;
    #timer = null;
    #moderation = null;
    #actions = [];
    #webhooks = [];
    #deliveries = [];
    /// Of a webhook just created; shown until the panel closes.
    #secret = null;
    #problem = null;

    /// `opener` is the button that opens the panel.
    constructor(backend, opener) {
        this.#backend = backend;
        this.#opener = opener;
        this.#root = document.getElementById('backend').content.firstElementChild.cloneNode(true);
        document.body.append(this.#root);
        opener.hidden = false;
        opener.addEventListener('click', () => this.#open());
        this.#root.addEventListener('close', () => this.#onClose());
        this.#find('.backend-close').addEventListener('click', () => this.#root.close());
        this.#find('.backend-webhook').addEventListener('submit', (event) => this.#add(event));
        for (const [selector, change] of [
            ['.rule-all', (enabled) => ({ enabled })],
            ['.rule-link', (enabled) => ({ rules: { link: { enabled, action: 'reject' } } })],
            ['.rule-phone', (enabled) => ({ rules: { phone: { enabled } } })],
        ]) {
            this.#find(selector).addEventListener('change', ({ target }) =>
                this.#do(async () => {
                    this.#moderation = await this.#backend.setModeration(change(target.checked));
                }),
            );
        }
        this.translate();
    }

    remove() {
        this.#root.remove();
        this.#opener.hidden = true;
        clearInterval(this.#timer);
    }

    translate() {
        applyTexts(this.#root);
        this.#render();
    }

    #find(selector) {
        return this.#root.querySelector(selector);
    }

    #open() {
        this.#root.showModal();
        this.#refresh();
        this.#timer = setInterval(() => this.#refresh(), REFRESH_MS);
    }

    #onClose() {
        clearInterval(this.#timer);
        this.#secret = null;
        this.#problem = null;
    }

    async #refresh() {
        await this.#do(async () => {
            [this.#moderation, this.#actions, this.#webhooks] = await Promise.all([
                this.#backend.moderation(),
                this.#backend.actions(),
                this.#backend.webhooks(),
            ]);
            this.#deliveries = await this.#backend.deliveries(this.#webhooks);
        });
    }

    /// Shows the result, or why it failed.
    async #do(work) {
        try {
            await work();
            this.#problem = null;
        } catch (error) {
            this.#problem = error;
        }
        this.#render();
    }

    async #add(event) {
        event.preventDefault();
        const field = this.#find('.webhook-url');
        await this.#do(async () => {
            const made = await this.#backend.addWebhook(field.value.trim());
            this.#secret = made.signing_secret;
            field.value = '';
            this.#webhooks = await this.#backend.webhooks();
        });
    }

    /// What the buttons in the rows do.
    #changeAnd(work) {
        return () =>
            this.#do(async () => {
                await work();
                await this.#refresh();
            });
    }

    #render() {
        const problem = this.#problem ? text('failed', { reason: reasonOf(this.#problem) }) : '';
        this.#find('.backend-problem').textContent = problem;
        this.#renderModeration();
        this.#renderWebhooks();
    }

    #renderModeration() {
        const { enabled = false, rules = {} } = this.#moderation ?? {};
        this.#find('.rule-all').checked = enabled;
        this.#find('.rule-link').checked = rules.link?.enabled ?? false;
        this.#find('.rule-phone').checked = rules.phone?.enabled ?? false;
        for (const input of this.#root.querySelectorAll('.rule-link, .rule-phone')) input.disabled = !enabled;
        this.#fill('.records', this.#actions.map(recordRow), 'recordsNone');
    }

    #renderWebhooks() {
        const secret = this.#find('.webhook-secret');
        secret.hidden = !this.#secret;
        secret.querySelector('code').textContent = this.#secret ?? '';
        const rows = this.#webhooks.map((webhook) =>
            webhookRow(webhook, {
                onPing: this.#changeAnd(() => this.#backend.ping(webhook.id)),
                onEnable: this.#changeAnd(() => this.#backend.changeWebhook(webhook.id, { enabled: true })),
                onRemove: this.#changeAnd(() => this.#backend.removeWebhook(webhook.id)),
            }),
        );
        this.#fill('.webhooks', rows, 'webhooksNone');
        const log = this.#deliveries.map((delivery) =>
            deliveryRow(
                delivery,
                this.#changeAnd(() => this.#backend.retry(delivery.webhook.id, delivery.event_id)),
            ),
        );
        this.#fill('.deliveries', log, 'deliveriesNone');
    }

    /// Restores the focus after the rows were rebuilt.
    #fill(selector, rows, none) {
        const list = this.#find(selector);
        const shown = rows.length > 0 ? rows : [element('li', { class: 'backend-none' }, text(none))];
        const look = shown.map((row) => row.textContent).join('\n');
        if (list.dataset.look === look) return;
        list.dataset.look = look;
        const buttons = () => [...list.querySelectorAll('button')];
        const focused = buttons().indexOf(document.activeElement);
        list.replaceChildren(...shown);
        buttons()[focused]?.focus();
    }
}
