/* The control on this machine: one socket, one question at a time. Used by card.js. */
(function () {
  "use strict";

  const PREFIX = "cus-sec_";
  // Of one answer's text, in characters: what is sent on, and what is shown.
  const LONGEST = 24 * 1024;
  const MOST_TOLD = 200;
  // How long each thing may take, in milliseconds. A card signs in about a second; a person may
  // have to confirm in a window of the control.
  const WAIT = { connect: 6000, greeting: 6000, ask: 10000, pin: 20000, sign: 60000, server: 30000 };

  /* Why something did not go on: the state to show, and what was said. */
  function Problem(state, help) {
    this.state = state;
    this.help = help || "";
  }

  /* One connection; `onLost` is called when it drops while nothing is waited for. */
  function Control(address, onLost) {
    this.address = address;
    this.onLost = onLost;
    this.socket = null;
    this.number = 0;
    this.asked = null;
    this.greeted = null;
  }

  /* Resolves with itself once the control has spoken first. */
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
    if (!asked || said._method !== asked.method || wordOf(said._id) !== String(asked.number)) return;
    this.asked = null;
    clearTimeout(asked.timer);
    const answer = said._args || {};
    if (answer.Result === true) asked.resolve(wordsOf(answer.Data));
    else asked.reject(faultOf(answer.Error));
  };

  /* End what is waited for, if anything is; whether there was. */
  Control.prototype.giveUp = function (state) {
    const asked = this.asked;
    this.asked = null;
    if (!asked) return false;
    clearTimeout(asked.timer);
    asked.reject(new Problem(state));
    return true;
  };

  Control.prototype.lost = function () {
    if (!this.giveUp("dropped")) this.onLost();
  };

  /* Resolves with the Data of the answer; rejects with a Problem after `wait` milliseconds. */
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

  /* Whoever listens at the control's address answers what he likes: only texts and numbers are
     read, none longer than the portal takes. */
  function wordOf(value) {
    return typeof value === "string" || typeof value === "number" ? String(value).slice(0, LONGEST) : "";
  }

  function wordsOf(values) {
    return Array.isArray(values) ? values.slice(0, 16).map(wordOf) : [];
  }

  /* Turn the control's error into a state; what is unknown is shown as it came. */
  function faultOf(errors) {
    const texts = wordsOf(errors).map(function (text) { return text.slice(0, MOST_TOLD); });
    const code = texts.find(function (text) { return /^Err:/.test(text); }) || "";
    const words = texts.filter(function (text) { return text !== code; }).join("；");
    const problem = new Problem("unread", (words + (code ? "（" + code + "）" : "")) || "控件没有说明原因。");
    if (code === "Err:Base60408") problem.state = "broken";
    else if (code === "Err:Custom50070" || /读卡器/.test(words)) problem.state = "reader";
    else if (/(未|没有?)(检测到|插|找到).{0,4}卡|无卡|请插/.test(words)) problem.state = "empty";
    else if (/密码|口令|PIN/i.test(words)) problem.state = isLocked(words) ? "locked" : "pin";
    if (problem.state !== "unread" && problem.state !== "pin") problem.help = "";
    return problem;
  }

  /* The tries left, where the control tells them. */
  function triesLeft(words) {
    const left = /(?:剩余|还剩|还有|还可)\D{0,8}(\d+)/.exec(words);
    return left ? Number(left[1]) : null;
  }

  function isLocked(words) {
    return /锁/.test(words) || triesLeft(words) === 0;
  }

  window.portalCard = { MOST_TOLD: MOST_TOLD, Control: Control, Problem: Problem, WAIT: WAIT, triesLeft: triesLeft };
})();
