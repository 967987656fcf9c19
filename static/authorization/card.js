/* The card page: talks to the control on this machine over its own socket, and to the portal by two
   requests. The PIN is read from its field once, goes to the control, and is forgotten. */
(function () {
  "use strict";

  const page = document.querySelector("[data-card]");
  if (!page) return;

  // How long each thing may take, in milliseconds. A card signs in about a second; a person may
  // have to confirm in a window of the control.
  const WAIT = { connect: 6000, greeting: 6000, ask: 10000, pin: 20000, sign: 60000, server: 30000 };
  const LOOK_AGAIN = 3000;
  const LEAVE_AFTER = 2500;
  const PREFIX = "cus-sec_";

  // step: which of the four; kind: how it is drawn.
  const STATES = {
    connecting: { step: 1, kind: "busy", title: "正在连接本机的法人卡控件……", help: "" },
    missing: { step: 1, kind: "wrong", title: "没有找到法人卡控件", help: "请在本机安装并启动“电子口岸客户端控件”（可从中国国际贸易单一窗口网站下载），接好读卡器，然后点击“重新检测”。如浏览器询问是否允许访问本机设备，请选择允许。" },
    mute: { step: 1, kind: "wrong", title: "控件没有回应", help: "已连上控件，但它没有在规定时间内回应。请退出并重新启动“电子口岸客户端控件”，然后点击“重新检测”。" },
    dropped: { step: 1, kind: "wrong", title: "与控件的连接中断", help: "操作没有完成，授权状态未改变。请确认控件仍在运行，然后点击“重新检测”。" },
    reading: { step: 2, kind: "busy", title: "正在读取法人卡……", help: "" },
    reader: { step: 2, kind: "wrong", title: "读卡器未就绪", help: "请检查读卡器是否接好、指示灯是否亮起，重新插好法人卡；插好后本页自动继续。" },
    empty: { step: 2, kind: "wrong", title: "没有检测到法人卡", help: "请将本企业的法人卡插入读卡器；插好后本页自动继续。" },
    unread: { step: 2, kind: "wrong", title: "法人卡读取失败", help: "" },
    ready: { step: 3, kind: "ready", title: "法人卡已就绪", help: "请核对卡上单位，输入卡密码后点击签名。" },
    checking: { step: 3, kind: "busy", title: "正在核对卡密码……", help: "请不要拔出法人卡。" },
    pin: { step: 3, kind: "wrong", title: "卡密码不正确", help: "" },
    asking: { step: 3, kind: "busy", title: "正在取得签名内容……", help: "请不要拔出法人卡。" },
    signing: { step: 3, kind: "busy", title: "法人卡正在签名……", help: "请不要拔出法人卡；如控件弹出窗口，请在其中确认。" },
    slow: { step: 3, kind: "wrong", title: "法人卡没有在规定时间内完成操作", help: "授权状态未改变。请重新插卡，或重新启动控件后再试。" },
    unsigned: { step: 3, kind: "wrong", title: "签名没有完成", help: "" },
    verifying: { step: 4, kind: "busy", title: "系统正在验证签名……", help: "" },
    refused: { step: 4, kind: "wrong", title: "验证未通过", help: "" },
    offline: { step: 4, kind: "wrong", title: "无法连接本系统", help: "请检查网络后刷新页面；如刷新后授权状态已改变，则已办理成功。" },
    away: { step: 4, kind: "wrong", title: "登录已失效", help: "请重新登录后再办理。" },
    done: { step: 4, kind: "done", title: "", help: "" },
  };
  const SIGNS = { busy: "reset", wrong: "warning", ready: "info", done: "success" };
  const STEP_WORDS = { busy: "进行中", wrong: "未完成", ready: "等待输入", done: "已完成" };
  // In these the card may come back by itself.
  const WATCHED = ["reader", "empty"];

  function part(name) { return page.querySelector("[data-" + name + "]"); }

  const isRevoking = page.dataset.purpose === "revoke";
  const pin = document.getElementById("card-pin");
  const signButton = part("sign-button");
  const again = part("again");
  let control = null;
  let busy = false;
  let leaving = false;
  let watching = 0;

  /* Why something did not go on: the state to show, and what was said. */
  function Problem(state, help) {
    this.state = state;
    this.help = help || "";
  }

  /* --- drawing --------------------------------------------------------------------------------- */

  function drawIcon(place, name) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    const use = document.createElementNS(space, "use");
    svg.setAttribute("class", "icon");
    use.setAttribute("href", page.dataset.icons + "#" + name);
    svg.appendChild(use);
    place.replaceChildren(svg);
  }

  function show(name, help, title) {
    const state = STATES[name];
    const box = page.querySelector(".card-state");
    const before = box.dataset.state;
    box.dataset.state = name;
    box.dataset.kind = state.kind;
    const words = title || state.title;
    const more = help || state.help;
    // Unchanged words are not written again: a reader of the screen would hear them every time.
    if (before !== name || part("title").textContent !== words) part("title").textContent = words;
    if (part("help").textContent !== more) part("help").textContent = more;
    if (before !== name) drawIcon(part("sign"), SIGNS[state.kind]);
    page.querySelectorAll("[data-step]").forEach(function (step) {
      const number = Number(step.dataset.step);
      const kind = number < state.step ? "done" : number > state.step ? "later" : state.kind;
      step.dataset.kind = kind;
      step.querySelector("[data-step-state]").textContent = STEP_WORDS[kind] || "未开始";
      if (kind === "busy" || kind === "ready") step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    });
    const hasCard = state.step > 2 && name !== "done" && name !== "away" && name !== "offline";
    const mayType = hasCard && state.kind !== "busy";
    part("pin-part").hidden = !hasCard;
    part("facts").hidden = state.step < 3;
    pin.disabled = signButton.disabled = !mayType;
    again.hidden = state.kind !== "wrong" || name === "away" || name === "offline";
    part("download-link").hidden = name !== "missing";
    watch(WATCHED.includes(name));
  }

  function nextLink(address, words) {
    const link = part("next");
    link.href = address;
    link.textContent = words;
    link.hidden = false;
    return link;
  }

  /* --- the control ------------------------------------------------------------------------------ */

  /* One connection. Resolves with itself once the control has spoken first. */
  function Control(address) {
    this.address = address;
    this.socket = null;
    this.number = 0;
    this.asked = null;
    this.greeted = null;
  }

  Control.prototype.open = function () {
    const self = this;
    return new Promise(function (resolve, reject) {
      let socket;
      let timer = setTimeout(function () { fail("missing"); }, WAIT.connect);
      function fail(state) {
        clearTimeout(timer);
        self.greeted = null;
        self.close();
        reject(new Problem(state));
      }
      try {
        socket = self.socket = new WebSocket(self.address);
      } catch (error) {
        fail("missing");
        return;
      }
      self.greeted = function () {
        clearTimeout(timer);
        self.greeted = null;
        resolve(self);
      };
      socket.onopen = function () {
        clearTimeout(timer);
        timer = setTimeout(function () { fail("mute"); }, WAIT.greeting);
      };
      socket.onmessage = function (event) { self.hear(event.data); };
      socket.onclose = function () {
        if (self.greeted) fail("missing");
        else self.lost();
      };
    });
  };

  Control.prototype.hear = function (data) {
    let said;
    try {
      said = JSON.parse(data);
    } catch (error) {
      return;
    }
    if (!said || typeof said !== "object") return;
    if (this.greeted) {
      if (said._method === "open") this.greeted();
      return;
    }
    const asked = this.asked;
    // Some controls send the number back as a text.
    if (!asked || said._method !== asked.method || String(said._id) !== String(asked.number)) return;
    this.asked = null;
    clearTimeout(asked.timer);
    const answer = said._args || {};
    if (answer.Result === true) asked.resolve(Array.isArray(answer.Data) ? answer.Data : []);
    else asked.reject(faultOf(answer.Error));
  };

  Control.prototype.lost = function () {
    const asked = this.asked;
    this.asked = null;
    if (asked) {
      clearTimeout(asked.timer);
      asked.reject(new Problem("dropped"));
    } else if (control === this && !busy && !leaving) {
      show("dropped");
    }
  };

  Control.prototype.ask = function (method, args, wait) {
    const self = this;
    return new Promise(function (resolve, reject) {
      if (!self.socket || self.socket.readyState !== WebSocket.OPEN) {
        reject(new Problem("dropped"));
        return;
      }
      self.number += 1;
      const asked = { number: self.number, method: PREFIX + method, resolve: resolve, reject: reject };
      asked.timer = setTimeout(function () {
        if (self.asked === asked) self.asked = null;
        reject(new Problem("slow"));
      }, wait);
      self.asked = asked;
      self.socket.send(JSON.stringify({ _id: asked.number, _method: asked.method, args: args }));
    });
  };

  Control.prototype.close = function () {
    if (this.socket) {
      this.socket.onclose = null;
      this.socket.close();
    }
  };

  /* Turn the control's error into a state; what is unknown is shown as it came. */
  function faultOf(errors) {
    const texts = (Array.isArray(errors) ? errors : []).map(String);
    const code = texts.find(function (text) { return /^Err:/.test(text); }) || "";
    const words = texts.filter(function (text) { return text !== code; }).join("；");
    const problem = new Problem("unread", (words + (code ? "（" + code + "）" : "")) || "控件没有说明原因。");
    if (code === "Err:Base60408") problem.state = "mute";
    else if (code === "Err:Custom50070" || /读卡器/.test(words)) problem.state = "reader";
    else if (/(未|没有?)(检测到|插|找到).{0,4}卡|无卡|请插/.test(words)) problem.state = "empty";
    else if (/密码|口令|PIN/i.test(words)) problem.state = "pin";
    if (problem.state !== "unread" && problem.state !== "pin") problem.help = "";
    return problem;
  }

  /* --- what is done ------------------------------------------------------------------------------ */

  function stopped(problem, otherwise) {
    if (leaving) return;
    if (!(problem instanceof Problem)) throw problem;
    const state = problem.state === "unread" && otherwise ? otherwise : problem.state;
    show(state, state === "pin" ? pinHelp(problem.help) : problem.help);
    if (!pin.disabled) pin.focus();
    else if (!again.hidden) again.focus();
  }

  function pinHelp(words) {
    const left = /(?:剩余|还剩|还有|还可)\D{0,8}(\d+)/.exec(words);
    const locked = /锁/.test(words) || (left && Number(left[1]) === 0);
    if (locked) return "控件提示：" + words + " 卡已锁定，请到电子口岸制卡中心解锁。";
    return left
      ? "还可再试 " + left[1] + " 次，用完后卡将锁定；请核对后重新输入。"
      : "请核对后重新输入；多次输错卡将锁定。控件提示：" + words;
  }

  async function start() {
    if (busy) return;
    busy = true;
    try {
      show("connecting");
      if (control) control.close();
      control = new Control(page.dataset.control);
      await control.open();
      await read(true);
    } catch (problem) {
      stopped(problem);
    } finally {
      busy = false;
    }
  }

  /* Ask who is on the card. `aloud`: show that we are reading; a watch does it silently. */
  async function read(aloud) {
    if (aloud) show("reading");
    const number = await control.ask("SpcGetCardID", {}, WAIT.ask);
    const unit = await control.ask("SpcGetEntName", {}, WAIT.ask);
    const holder = await control.ask("SpcGetUName", {}, WAIT.ask);
    const facts = { number: number, unit: unit, holder: holder };
    Object.keys(facts).forEach(function (name) {
      page.querySelector('[data-fact="' + name + '"]').textContent = facts[name][0] || "—";
    });
    const differs = unit[0] && unit[0] !== page.dataset.enterprise;
    show("ready", differs ? "卡上单位与登记的企业名称不同，请确认插入的是本企业的法人卡，再输入卡密码。" : "");
    pin.focus();
  }

  function watch(wanted) {
    clearTimeout(watching);
    if (!wanted) return;
    watching = setTimeout(async function () {
      if (busy || leaving) return;
      busy = true;
      try {
        await read(false);
      } catch (problem) {
        stopped(problem);
      } finally {
        busy = false;
      }
    }, LOOK_AGAIN);
  }

  async function sign() {
    if (busy || signButton.disabled) return;
    let secret = pin.value;
    pin.value = "";
    if (!secret) {
      show("ready", "请先输入卡密码。");
      pin.focus();
      return;
    }
    busy = true;
    try {
      show("checking");
      await control.ask("SpcVerifyPINAll", { passwd: secret }, WAIT.pin);
      show("asking");
      const challenge = await post(page.dataset.challengeUrl, { purpose: page.dataset.purpose });
      part("text").textContent = challenge.text;
      part("text-part").hidden = false;
      show("signing");
      const signing = control.ask("SpcSignDataAsPEM", { inData: challenge.text, passwd: secret }, WAIT.sign);
      secret = "";
      const signed = await signing;
      const certificate = await control.ask("SpcGetSignCertAsPEM", {}, WAIT.ask);
      if (!signed[0] || !certificate[0]) throw new Problem("unsigned", "控件没有给出签名或证书，请重新插卡后再试。");
      show("verifying");
      const done = await post(page.dataset.acceptUrl, {
        purpose: page.dataset.purpose,
        nonce: challenge.nonce,
        signature: String(signed[0]),
        card: String(certificate[0]),
      });
      finish(done);
    } catch (problem) {
      stopped(problem, "unsigned");
    } finally {
      secret = "";
      busy = false;
    }
  }

  async function post(address, sent) {
    const stop = new AbortController();
    const timer = setTimeout(function () { stop.abort(); }, WAIT.server);
    let answer;
    let read = {};
    try {
      answer = await fetch(address, {
        method: "POST",
        credentials: "same-origin",
        redirect: "manual",
        cache: "no-store",
        signal: stop.signal,
        headers: {
          "Content-Type": "application/json",
          "X-CSRFToken": page.querySelector("[name=csrfmiddlewaretoken]").value,
        },
        body: JSON.stringify(sent),
      });
      if (/json/.test(answer.headers.get("Content-Type") || "")) read = await answer.json();
    } catch (error) {
      throw new Problem("offline");
    } finally {
      clearTimeout(timer);
    }
    if (answer.ok) return read;
    if (read.sentence) throw new Problem("refused", read.sentence);
    if (answer.type === "opaqueredirect" || answer.status === 403) {
      nextLink(window.location.href, "重新登录");
      throw new Problem("away");
    }
    throw new Problem("offline", "系统暂时不能处理请求，请稍后刷新页面再试。");
  }

  function finish(done) {
    leaving = true;
    control.close();
    show("done", done.sentence, isRevoking ? "授权已撤销" : "授权成功");
    const link = nextLink(done.next, isRevoking ? "完成" : "进入首页");
    link.focus();
    // The page that is left has nothing more to offer: going back should not come to it.
    setTimeout(function () { window.location.replace(done.next); }, LEAVE_AFTER);
  }

  /* --- start ------------------------------------------------------------------------------------- */

  part("download-link").href = page.dataset.download;
  signButton.addEventListener("click", sign);
  again.addEventListener("click", start);
  pin.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && !event.isComposing) sign();
  });
  window.addEventListener("pagehide", function () {
    pin.value = "";
    clearTimeout(watching);
    if (control) control.close();
  });
  window.addEventListener("pageshow", function (event) {
    // Kept by the browser and shown again: what it says may be long past.
    if (event.persisted) window.location.reload();
  });
  start();
})();
