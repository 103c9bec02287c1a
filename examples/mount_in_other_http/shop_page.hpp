#pragma once

/// The shop's page: a channel's messages, and a box to write one. The token comes behind the "#", which no server sees.
inline constexpr const char* kShopPage = R"html(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>A shop with a chat</title>
<style>
  body { font: 16px/1.4 system-ui; max-width: 30rem; margin: 2rem auto; padding: 0 1rem }
  ol { list-style: none; padding: 0 }
  input { font: inherit; width: 100%; box-sizing: border-box; padding: .5rem }
</style>
<h1>Your order</h1>
<ol id="messages" aria-live="polite"></ol>
<form id="form"><input id="text" placeholder="Write a message" autocomplete="off" required></form>
<script type="module">
  const token = location.hash.slice(1);
  const channel = new URLSearchParams(location.search).get('channel');
  const call = (path, options) => fetch(`/v1${path}`, {
    ...options, headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
  }).then((response) => response.json());
  const shown = new Set();
  const show = (message) => {
    if (shown.has(message.id)) return;
    shown.add(message.id);
    const line = document.createElement('li');
    line.textContent = `${message.user.name}: ${message.content}`;
    messages.append(line);
  };
  const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/v1/ws`, ['cariosan.v1', `cariosan.jwt.${token}`]);
  socket.onmessage = async ({ data }) => {
    const frame = JSON.parse(data);
    if (frame.type === 'message.created') show(frame.data.message);
    if (frame.type !== 'connection.ready') return;
    const page = await call(`/channels/${channel}/messages`);
    page.messages.reverse().forEach(show);
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    call(`/channels/${channel}/messages`, { method: 'POST', body: JSON.stringify({
      content: text.value, idempotency_key: crypto.randomUUID(),
    }) }).then(show);
    text.value = '';
  };
</script>
</html>
)html";
