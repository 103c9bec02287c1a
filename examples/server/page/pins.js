/// The messages pinned to a conversation: read when it is opened, after each gap, and whenever something about them may have
/// changed.

export class Pins {
    #client;
    #onChanged;
    #asked = null;
    #shown = { channelId: null, messages: [] };

    /// `onChanged()`: `of` answers something else.
    constructor(client, onChanged) {
        this.#client = client;
        this.#onChanged = onChanged;
    }

    /// Those pinned last first, as far as they are known. Asks the server if there may be others; call it with each render.
    of(channel) {
        if (!channel) return [];
        this.#ask(channel);
        const { channelId, messages } = this.#shown;
        return channelId === channel.id ? messages.filter(({ user }) => !this.#client.hasBlocked(user.id)) : [];
    }

    #ask(channel) {
        if (this.#client.state.name !== 'live') {
            this.#asked = null;
            return;
        }
        const wanted = `${channel.id} ${channel.pinsChanged} ${channel.loaded}`;
        if (this.#asked === wanted) return;
        this.#asked = wanted;
        this.#read(channel.id, wanted);
    }

    async #read(channelId, wanted) {
        try {
            const messages = await this.#client.actions.pins(channelId);
            // What has changed meanwhile was asked for again.
            if (this.#asked !== wanted) return;
            this.#shown = { channelId, messages };
            this.#onChanged();
        } catch {
            // Asked again after the next gap.
        }
    }
}
