"""Reading `update-alternatives` lines: scripts as real packages have them."""

from __future__ import annotations

import time

import pytest

from fctui.managers.apt.alternatives import Alternative, Slave, read_alternatives


def read(script: str) -> list[Alternative]:
    return list(read_alternatives(script, "amd64", "x86_64-linux-gnu"))


def links(script: str) -> list[tuple[str, str, int]]:
    return [(each.link, each.path, each.priority) for each in read(script)]


def test_continued_lines_and_slaves() -> None:
    (found,) = read(
        'if [ "$1" = "configure" ]; then\n'
        "  update-alternatives --quiet --install /usr/bin/editor editor /bin/nano 40 \\\n"
        "    --slave /usr/share/man/man1/editor.1.gz editor.1.gz \\\n"
        "    /usr/share/man/man1/nano.1.gz\n"
        "fi\n"
    )
    slave = Slave("/usr/share/man/man1/editor.1.gz", "editor.1.gz", "/usr/share/man/man1/nano.1.gz")
    assert found == Alternative("/usr/bin/editor", "editor", "/bin/nano", 40, (slave,))


def test_loops_and_variables() -> None:
    script = """
multiarch=x86_64-linux-gnu
priority=1711
basedir=/usr/lib/jvm/java
tools='java keytool'
case "$1" in
configure)
    for i in $tools; do
        unset slave1 || true
        if [ -e $basedir/man1/$i.1.gz ]; then
            slave1="--slave \\
                /usr/share/man/man1/$i.1.gz \\
                $i.1.gz \\
                $basedir/man1/$i.1.gz"
        fi
        update-alternatives \\
            --install \\
            /usr/bin/$i \\
            $i \\
            $basedir/bin/$i \\
            $priority \\
            $slave1 $slave2
    done
    ;;
esac
"""
    found = read(script)
    assert links(script) == [
        ("/usr/bin/java", "/usr/lib/jvm/java/bin/java", 1711),
        ("/usr/bin/keytool", "/usr/lib/jvm/java/bin/keytool", 1711),
    ]
    assert all(each.slaves in {(), found[0].slaves} for each in found[:1])


def test_nested_loops_on_one_line() -> None:
    script = (
        'for a in x y\ndo\n  for b in 1 2; do update-alternatives --install "/usr/bin/$a$b" '
        '"$a$b" /opt/${a}-${b} ${prio:-5} || true; done\ndone\n'
    )
    assert [link for link, _, _ in links(script)] == [
        *("/usr/bin/x1", "/usr/bin/x2", "/usr/bin/y1", "/usr/bin/y2")
    ]


def test_functions_with_arguments() -> None:
    script = """
check() {
  NAME="$1"
  WHERE="$2"
  update-alternatives --install "$WHERE"/"$NAME" "$NAME" "$WHERE"/"$NAME".procps 50
}
case "$1" in
  configure|abort-remove)
    check "kill" "/usr/bin"
    check "ps" "/bin" ;;
esac
"""
    assert links(script) == [
        ("/usr/bin/kill", "/usr/bin/kill.procps", 50),
        ("/bin/ps", "/bin/ps.procps", 50),
    ]


def test_a_comment_within_and_one_behind() -> None:
    script = (
        "# update-alternatives --install /usr/bin/no no /usr/bin/never 1\n"
        "update-alternatives \\\n    --install /usr/bin/c++ c++ /usr/bin/g++ 20 \\\n"
        "    #--slave /usr/share/man/man1/c++.1.gz c++.1.gz /usr/share/man/man1/g++.1.gz\n"
        "update-alternatives --remove f77 /usr/bin/g77\n"
    )
    assert links(script) == [("/usr/bin/c++", "/usr/bin/g++", 20)]


def test_what_dpkg_would_answer_is_known() -> None:
    script = (
        "M=$(dpkg-architecture -qDEB_HOST_MULTIARCH)\n"
        "update-alternatives --install /usr/lib/$M/libx.so libx.so-$M /usr/lib/$M/x/libx.so 10\n"
    )
    assert links(script) == [
        ("/usr/lib/x86_64-linux-gnu/libx.so", "/usr/lib/x86_64-linux-gnu/x/libx.so", 10)
    ]


@pytest.mark.parametrize(
    "script",
    [
        "update-alternatives --install /usr/bin/$1 x /usr/bin/y 1",
        "update-alternatives --install /usr/bin/x x $(find-it) 1",
        "update-alternatives --install /usr/bin/x x `find-it` 1",
        "update-alternatives --install $unset/bin/x x /usr/bin/y 1",
        "update-alternatives --install /usr/bin/x x /usr/bin/y high",
        "update-alternatives --install /usr/bin/x x",
        "update-alternatives --install usr/bin/x x /usr/bin/y 1",
        "update-alternatives --install /usr/bin/../../x x /usr/bin/y 1",
        "cat <<EOF\nupdate-alternatives --install /usr/bin/x x /usr/bin/y 1\nEOF",
        "echo 'update-alternatives --install /usr/bin/x x /usr/bin/y 1'",
        'update-alternatives --install "/usr/bin/x x /usr/bin/y 1',
    ],
)
def test_what_only_a_shell_could_know_is_passed_over(script: str) -> None:
    assert read(script + "\n") == []


def test_a_hostile_script_ends() -> None:
    words = " ".join(str(number) for number in range(300))
    nested = "".join(f"for {name} in {words}; do\n" for name in "abcdef")
    script = nested + "update-alternatives --install /x$a$b x /y 1\n" + "done\n" * 6
    script += "f() {\nf x\n}\nf update-alternatives --install\n"
    script += "update-alternatives --install " + "$(" * 5000 + "\n"
    begun = time.process_time()
    read(script)
    assert time.process_time() - begun < 5
