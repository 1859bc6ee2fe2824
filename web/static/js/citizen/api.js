// The hotline's API as this page uses it, and the conversation that this browser holds.

const KEPT = "hotline-conversation";

export class ApiError extends Error {
  constructor(status, detail, fields = {}) {
    super(detail);
    this.status = status;
    this.fields = fields;
  }
}

export const OFFLINE = "网络断开了，没有发出去。您写的内容还在，网络恢复后请再点“发送”。";

async function call(method, path, { body, token } = {}) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  let response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "omit",
    });
  } catch {
    throw new ApiError(0, OFFLINE);
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const fields = Object.fromEntries((answer.errors || []).map((one) => [one.field, one.detail]));
  throw new ApiError(response.status, answer.detail || "没有成功，请稍后再试。", fields);
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT));
  } catch {
    return null;
  }
}

let opening = null;

export function forget() {
  localStorage.removeItem(KEPT);
  opening = null;
}

function conversation() {
  const known = kept();
  if (known) return Promise.resolve(known);
  opening ??= call("POST", "/conversations").then(
    (opened) => {
      localStorage.setItem(KEPT, JSON.stringify(opened));
      return opened;
    },
    (error) => {
      opening = null;
      throw error;
    },
  );
  return opening;
}

// A conversation that the server no longer knows is replaced by a new one, once.
async function within(action) {
  const { id, token } = await conversation();
  try {
    return await action(id, token);
  } catch (error) {
    if (error.status !== 404) throw error;
    forget();
    const fresh = await conversation();
    return action(fresh.id, fresh.token);
  }
}

export const send = (text, clientId) =>
  within((id, token) =>
    call("POST", `/conversations/${id}/messages`, { body: { text, client_id: clientId }, token }),
  );

export async function history() {
  const known = kept();
  if (!known) return [];
  try {
    const path = `/conversations/${known.id}/messages`;
    return (await call("GET", path, { token: known.token })).messages;
  } catch (error) {
    if (error.status === 404) forget();
    return [];
  }
}

export async function clear() {
  const known = kept();
  if (known) {
    await call("DELETE", `/conversations/${known.id}/messages`, { token: known.token });
  }
  forget();
}

export const leaveNote = (text, contact) =>
  within((id, token) =>
    call("POST", `/conversations/${id}/notes`, { body: { text, contact }, token }),
  );

export const rate = (messageId, verdict) =>
  within((id, token) =>
    call("POST", "/feedback", {
      body: { conversation_id: id, message_id: messageId, ...verdict },
      token,
    }),
  );

export const correct = (messageId, kind, text) =>
  within((id, token) =>
    call("POST", `/conversations/${id}/corrections`, {
      body: { message_id: messageId, kind, text },
      token,
    }),
  );

export const suggest = (text) =>
  call("GET", `/suggest?q=${encodeURIComponent(text)}`).then((answer) => answer.suggestions);
