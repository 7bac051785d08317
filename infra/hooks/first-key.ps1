# Before `azd provision`: makes a key for the first caller unless there are keys, since the API does not start without.
# Azure gets its hash; the key stays in the azd environment: azd env get-value LEYDEN_API_KEY
$ErrorActionPreference = 'Stop'
if ($env:LEYDEN_KEYS) { exit 0 }
if ($env:CI) {
  [Console]::Error.WriteLine('LEYDEN_KEYS is not set, and a key that is made here would be lost with this machine. Set it to NAME=HASH.')
  exit 1
}
$bytes = New-Object byte[] 32
[Security.Cryptography.RandomNumberGenerator]::Create().GetBytes($bytes)
$key = 'ley_' + [Convert]::ToBase64String($bytes).Replace('+', '-').Replace('/', '_').TrimEnd('=')
$digest = [Security.Cryptography.SHA256]::Create().ComputeHash([Text.Encoding]::UTF8.GetBytes($key))
$hash = [BitConverter]::ToString($digest).Replace('-', '').ToLowerInvariant()
azd env set LEYDEN_API_KEY $key
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
azd env set LEYDEN_KEYS "first=$hash"
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
Write-Output 'Made a key for the first caller: azd env get-value LEYDEN_API_KEY'
