#= json-escapes-of-controls
ConvertTo-Json ("a" + [char]1 + [char]0x85 + "`t/" + [char]0x2028 + [char]233)
#= json-nested-list-stands-under-its-opener
(@{a=[ordered]@{k=,1}} | ConvertTo-Json) -replace "`r`n","|"
#= json-empty-list-has-a-blank-line
(ConvertTo-Json @()) -replace "`r`n","|"; (ConvertTo-Json @{}) -replace "`r`n","|"
#= json-scalar-is-bare
ConvertTo-Json 'x'; ConvertTo-Json $true; 5 | ConvertTo-Json
#= json-below-the-depth-is-text
[ordered]@{a=@{b=@{c=@{d=1}}};l=@(,@(,@(1,2)))} | ConvertTo-Json -Compress
#= json-depth-101-is-too-deep
ConvertTo-Json 1 -Depth 101
#= json-wrapped-string-has-its-members
$s = 'a' | Add-Member N 1 -PassThru; @{s=$s} | ConvertTo-Json -Compress
#= json-decimal-keeps-digits
ConvertTo-Json 1.50d
#= json-char-guid-uri
ConvertTo-Json ([char]'A'); ConvertTo-Json ([guid]::Empty); ConvertTo-Json ([uri]'http://a/b'); ConvertTo-Json ([char]0)
#= json-enum-is-its-number
@{d=[DayOfWeek]::Friday} | ConvertTo-Json -Compress
#= json-key-that-is-no-text
@{1=2} | ConvertTo-Json
#= json-has-no-escapehandling
ConvertTo-Json 1 -EscapeHandling Default
#= from-json-numbers-by-size
'[1,2147483648,1.5,1e2,-3]' | ConvertFrom-Json | % { $_ | % { $_.GetType().Name } }
#= from-json-slash-date-is-utc
$d = ConvertFrom-Json '"\/Date(0)\/"'; $d.Kind.ToString(); $d.Year
#= from-json-empty-array-is-one-object
@(ConvertFrom-Json '[]').Count; @(ConvertFrom-Json '[1,2]').Count
#= from-json-several-lines
@('{"a":1}','{"a":2}' | ConvertFrom-Json).a -join ','; ('{"a":','3}' | ConvertFrom-Json).a
#= from-json-blank-is-null
$r = @(ConvertFrom-Json ' '); $r.Count; $null -eq $r[0]
#= from-json-single-quotes-and-bare-keys
(ConvertFrom-Json "{a:'x'}").a
#= from-json-bad-text
ConvertFrom-Json '{"a"'
#= from-json-last-of-equal-keys-wins
(ConvertFrom-Json '{"a":1,"a":2}').a
#= from-json-has-no-ashashtable
ConvertFrom-Json '{}' -AsHashtable
#= double-in-a-string-has-15-digits
"$(0.1+0.2)"; [string](1/3); (0.1+0.2) -join ''
#= double-tostring-and-format
(0.1+0.2).ToString(); '{0}' -f (1/3); [string]::Concat(0.1+0.2)
#= round-trip-format
(0.1+0.2).ToString('R'); (0.1).ToString('R')
#= negative-number-that-rounds-to-zero
'{0:F0}' -f -0.4; (-0.0).ToString()
#= n0-rounds-half-away-from-zero
'{0:N0}' -f 2.5; '{0:F2}' -f 1.005; '{0:N0}' -f -2.5
#= addseconds-rounds-to-milliseconds
([datetime]::MinValue).AddSeconds(0.0004).Ticks; [timespan]::FromSeconds(0.0006).Ticks
#= no-replace-with-comparison
try { 'a'.Replace('a','b',[StringComparison]::Ordinal) } catch { $_.FullyQualifiedErrorId }
#= replace-operator-takes-the-block-as-text
'x1' -replace '\d', { 'y' }
#= word-sort
('co-op','coop','con' | Sort-Object) -join ','
#= letters-are-no-range
'a'..'c'
#= double-from-a-huge-exponent
try { [double]'1e400' } catch { $_.FullyQualifiedErrorId }
#= set-content-is-ansi
Set-Content a.txt ([string][char]233) -NoNewline; [IO.File]::ReadAllBytes((Resolve-Path a.txt))[0]
#= out-file-cuts-at-its-width
[pscustomobject]@{a='x'*50} | Out-File a.txt -Width 20; (Get-Content a.txt | Measure-Object Length -Maximum).Maximum
#= strings-are-never-cut
'y'*300 | Out-File a.txt; (Get-Content a.txt).Length
#= import-csv-reads-utf8
[IO.File]::WriteAllText("$TestDrive\a.csv", "k`n" + [char]233); (Import-Csv a.csv).k -eq [string][char]233
#= encoding-byte
Set-Content a.bin ([byte[]](1,2)) -Encoding Byte; (Get-Content a.bin -Encoding Byte) -join ','
#= there-is-no-utf8nobom
'a' | Out-File a.txt -Encoding utf8NoBOM
#= csv-type-line-and-null
1 | Select-Object @{n='a';e={$null}}, @{n='b';e={2}} | ConvertTo-Csv
#= output-encoding-is-ascii
$OutputEncoding.EncodingName
#= a-blank-path-is-there
Test-Path ' '
#= join-path-takes-two
Join-Path a b c
#= split-path-has-no-extension
Split-Path a.b -Extension
#= hash-of-a-missing-file
Get-FileHash nosuch
#= hash-algorithm-that-is-not-there
Set-Content a.txt a; Get-FileHash a.txt -Algorithm SHA3
#= archive-must-be-a-zip
Set-Content a.txt a; Compress-Archive a.txt a.tar
#= archive-that-exists
Set-Content a.txt a; Compress-Archive a.txt a.zip; try { Compress-Archive a.txt a.zip } catch { $_.FullyQualifiedErrorId }
#= ternary-is-a-parse-error
try { [scriptblock]::Create('$true ? 1 : 2') } catch { $_.Exception.InnerException.Errors[0].ErrorId }
#= background-ampersand
try { [scriptblock]::Create('dir &') } catch { $_.Exception.InnerException.Errors[0].ErrorId }
#= chain-operators
try { [scriptblock]::Create('dir && dir') } catch { $_.Exception.InnerException.Errors[0].ErrorId }
#= backtick-e-is-a-letter
"`e"; "`u{41}"
#= enum-has-no-underlying-type
try { [scriptblock]::Create('enum A : byte { B }') } catch { $_.Exception.InnerException.Errors[0].ErrorId }
#= foreach-object-has-no-parallel
1 | ForEach-Object -Parallel { $_ }
#= there-is-no-semver
[semver]'1.0.0'
#= count-under-strict-mode
Set-StrictMode -Version 2; try { ([pscustomobject]@{a=1}).Count } catch { $_.FullyQualifiedErrorId }; try { (5).Count } catch { $_.FullyQualifiedErrorId }
#= count-of-other-scalars
(5).Count; 'abc'.Count; (Get-Date).Length
#= success-after-parentheses
(Get-Item nosuch -ErrorAction SilentlyContinue); $?; $(Get-Item nosuch -ErrorAction SilentlyContinue); $?; $x = (Get-Item nosuch -ErrorAction SilentlyContinue); $?
#= sort-object-is-not-told-to-be-stable
1 | Sort-Object -Stable
#= measure-object-has-no-deviation
1,2 | Measure-Object -StandardDeviation
#= measure-object-count-is-int32
(1,2 | Measure-Object).Count.GetType().Name; (1,2 | Measure-Object -Sum).Sum.GetType().Name; ('b','a' | Measure-Object -Minimum).Minimum
#= sleep-takes-whole-seconds
(Get-Command Start-Sleep).Parameters['Seconds'].ParameterType.Name
#= uformat-week-number
Get-Date '2020-01-10' -UFormat '%V'
#= quotes-round-native-arguments
cmd /c echo 'a b' 'c' ''
#= redirected-standard-error-is-a-record
$r = cmd /c 'echo e 1>&2' 2>&1; $r.FullyQualifiedErrorId; $r.GetType().Name
#= stop-ends-at-standard-error
$ErrorActionPreference = 'Stop'; try { cmd /c 'echo e 1>&2' 2>&1; 'on' } catch { 'ended' }
#= commands-of-later-versions
foreach ($n in 'Remove-Service','Test-Json','Join-String','Get-Uptime','Remove-Alias') { [bool](Get-Command $n -ErrorAction SilentlyContinue) }
#= commands-that-only-5-has
foreach ($n in 'Get-WmiObject','Get-EventLog','New-EventLog','Start-Transaction','Get-LocalUser') { [bool](Get-Command $n -ErrorAction SilentlyContinue) }
#= select-string-has-no-raw
'a' | Select-String a -Raw
#= the-catch-has-the-original-exception
try { Get-Item nosuch -ErrorAction Stop } catch { $_.Exception.GetType().Name }
#= select-unique-minds-case
('a','A','a' | Select-Object -Unique) -join ','
#= rows-are-padded-to-their-width
(([pscustomobject]@{ab='x';c='yyy'} | Out-String -Width 60) -split "`r`n" | ForEach-Object { $_.Replace(' ','.') }) -join '|'
#= numbers-stand-right
(([pscustomobject]@{num=5} | Out-String -Width 60) -split "`r`n") -join '|'
#= version-table
$PSVersionTable.PSVersion.Major; $PSVersionTable.PSEdition; $null -eq $IsWindows; $ErrorView
#= write-error-in-a-function
function f { Write-Error x }; f 2>&1 | ForEach-Object { $_.FullyQualifiedErrorId; $_.InvocationInfo.MyCommand.Name; $_.CategoryInfo.Activity }
#= a-thrown-text-is-its-id
try { throw 'boom' } catch { $_.FullyQualifiedErrorId; $_.CategoryInfo.Category.ToString(); $_.CategoryInfo.TargetName }
