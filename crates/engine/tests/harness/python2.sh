#!/bin/sh
# Makes a folder with Python 2.7 and the Autobahn test suite in it, which runs on nothing newer. Debian 12 has no
# such Python, and PyPI has none either; Debian 11's still stands in the archive. Nothing is installed: the packages
# are unpacked into the folder, and all runs from there.
#
# python2.sh FOLDER, where nothing is yet. `FOLDER/python2.7` is the interpreter.
set -eu
folder=$1
mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial" "$folder/debs" "$folder/pip"
archive=$(apt-get indextargets --format '$(REPO_URI)' | grep '/debian/$' | sort -u | head -n 1)
keys=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$keys] ${archive:-http://deb.debian.org/debian/} bullseye main" > "$folder/apt/sources.list"
apt() {
    apt-get --quiet --quiet -o Dir::State::lists="$folder/apt/lists" -o Dir::Cache="$folder/apt/cache" \
        -o Dir::Etc::sourcelist="$folder/apt/sources.list" -o Dir::Etc::sourceparts=- -o APT::Sandbox::User= "$@"
}
apt update
(cd "$folder/debs" && apt download python2.7-minimal libpython2.7-minimal libpython2.7-stdlib libffi7 libssl1.1)
for package in "$folder"/debs/*.deb; do
    dpkg-deb --extract "$package" "$folder/root"
done
rm -r "$folder/apt" "$folder/debs"

# Where it lies is found at each start: the folder may be moved.
cat > "$folder/python2.7" <<'END'
#!/bin/sh
folder=$(cd "$(dirname "$0")" && pwd)
LD_LIBRARY_PATH=$(echo "$folder"/root/usr/lib/*-linux-gnu)
PYTHONHOME=$folder/root/usr
PYTHONPATH=$folder/site:$folder/pip
export LD_LIBRARY_PATH PYTHONHOME PYTHONPATH
exec "$folder/root/usr/bin/python2.7" "$@"
END
chmod +x "$folder/python2.7"

# The last pip for it, fetched by today's.
old='pip==20.3.4 setuptools==44.0.0 wheel==0.37.1'
python3 -m pip download --quiet --disable-pip-version-check --no-deps --python-version 2.7 --only-binary=:all: \
    --dest "$folder/wheels" $old
for wheel in "$folder"/wheels/*.whl; do
    python3 -m zipfile --extract "$wheel" "$folder/pip"
done
rm -r "$folder/wheels"
pip() {
    "$folder/python2.7" -m pip install --quiet --disable-pip-version-check --no-python-version-warning \
        --target "$folder/site" "$@"
}
# What the suite asks for; of the Twisted that it names there is nothing compiled.
pip Twisted==20.3.0 cryptography==3.3.2 pyOpenSSL==19.1.0 zope.interface==4.6.0 jinja2==2.11.3 markupsafe==1.1.1 \
    Werkzeug==1.0.1 klein==17.10.0 service_identity==18.1.0 six==1.16.0 unittest2==1.1.0
pip --no-deps txaio==2.1.0 autobahn==0.10.9 autobahntestsuite==25.10.1
touch "$folder/site/zope/__init__.py"
"$folder/python2.7" -c 'import autobahntestsuite.wstest'
