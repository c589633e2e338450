// Copyright: multiplex.sshd contributors, GPL-3.0-or-later
// Opens, sorts, searches and copies. Everything is readable without it.
document.documentElement.classList.add("js");
document.addEventListener("DOMContentLoaded", () => {
  const table = document.getElementById("hosts");
  const hosts = [...table.tBodies];
  const search = document.getElementById("search");
  const openAll = document.getElementById("open-all");
  const shown = document.getElementById("shown");
  const button = (words, press) => {
    const made = document.createElement("button");
    made.type = "button";
    made.append(...words);
    made.addEventListener("click", press);
    return made;
  };

  // A host's name opens and closes its part.
  const opener = (host) => host.querySelector(".name button");
  const open = (host, yes) => {
    host.classList.toggle("open", yes);
    opener(host).setAttribute("aria-expanded", yes);
  };
  for (const host of hosts) {
    const name = host.querySelector(".name");
    const made = button(name.childNodes, () => open(host, !host.classList.contains("open")));
    made.setAttribute("aria-controls", host.querySelector(".more").id);
    name.append(made);
    open(host, hosts.length === 1);
  }
  openAll.addEventListener("click", () => {
    const yes = hosts.some((host) => !host.hidden && !host.classList.contains("open"));
    for (const host of hosts) open(host, yes);
    openAll.textContent = yes ? "Close all" : "Open all";
  });

  // A square of the picture leads to its host.
  const follow = () => {
    const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const host = row && row.closest("#hosts > tbody");
    if (!host) return;
    search.value = "";
    document.getElementById("state-all").checked = true;
    narrow();
    open(host, true);
    opener(host).focus();
  };
  window.addEventListener("hashchange", follow);

  // A column's head sorts by it, the other way round, and then by need again. What is not known stays last.
  const heads = [...table.tHead.rows[0].cells];
  const value = (host, column) => {
    const cell = host.rows[0].cells[column];
    return (cell && cell.dataset.v) || "";
  };
  const compare = (a, b) => a.localeCompare(b, "en", { numeric: true });
  heads.forEach((head, column) => {
    const first = head.dataset.first || "ascending";
    const second = first === "ascending" ? "descending" : "ascending";
    const press = () => {
      const now = head.getAttribute("aria-sort");
      const next = now === first ? second : now === second ? null : first;
      for (const each of heads) each.removeAttribute("aria-sort");
      if (next) head.setAttribute("aria-sort", next);
      const order = [...hosts];
      if (next) {
        order.sort((a, b) => {
          const [x, y] = [value(a, column), value(b, column)];
          if (!x || !y) return !x - !y;
          return next === "ascending" ? compare(x, y) : compare(y, x);
        });
      }
      table.append(...order);
    };
    head.append(button(head.childNodes, press));
  });

  // Hosts with all the words, anywhere in what stands about them.
  const texts = hosts.map((host) => host.textContent.toLowerCase());
  const narrow = () => {
    const words = search.value.toLowerCase().split(/\s+/);
    const state = document.querySelector("input[name=state]:checked").value;
    let count = 0;
    hosts.forEach((host, n) => {
      host.hidden = !words.every((word) => texts[n].includes(word));
      if (!host.hidden && (!state || host.classList.contains(state))) count += 1;
    });
    shown.textContent = `${count} of ${hosts.length} shown`;
  };
  document.forms[0].addEventListener("input", narrow);
  document.forms[0].addEventListener("submit", (event) => event.preventDefault());

  for (const lines of document.querySelectorAll("pre.copy")) {
    const bar = document.createElement("div");
    bar.className = "copier";
    const copy = button(["Copy"], () => {
      getSelection().selectAllChildren(lines);
      // The older way also works for a page that was opened from a file.
      copy.textContent = document.execCommand("copy") ? "Copied" : "Press Ctrl+C";
    });
    copy.setAttribute("aria-live", "polite");
    bar.append(copy);
    lines.after(bar);
  }

  document.querySelector(".tools").hidden = false;
  narrow();
  follow();
});
