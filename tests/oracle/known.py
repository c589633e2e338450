import contextlib, os, hypothesis, inspect
KNOWN={}
@contextlib.contextmanager
def known(laid, options):
    try:
        yield
    except AssertionError as e:
        if not os.environ.get("HUNT"): raise
        f=[x.function for x in inspect.stack() if x.function.startswith("test_")][0]
        with open(os.environ["HUNT"],"a") as o: print(f, "|", str(e).split("\n")[0][:300], "|", options, "|", {k:v[1] if v[0]=="file" else v for k,v in laid.tree.entries.items()}, file=o)
        hypothesis.reject()
