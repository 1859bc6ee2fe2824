// Shows how far an evaluation is; when it is over, the page is loaded anew with its results.

const place = document.getElementById("running");
const bar = document.getElementById("bar");
const count = document.getElementById("count");
const told = document.getElementById("told");

async function look() {
  const response = await fetch(place.dataset.progress).catch(() => null);
  if (response?.redirected) {
    location.reload(); // signed out: the page says so
    return;
  }
  if (!response?.ok) {
    told.textContent = "暂时连不上服务，正在重试……";
    setTimeout(look, 5000);
    return;
  }
  const { state, done, total } = await response.json();
  told.textContent = "";
  bar.value = done;
  bar.max = total;
  count.textContent = `${done} / ${total} 题`;
  if (state === "running") setTimeout(look, 1000);
  else location.reload();
}

setTimeout(look, 1000);
